using System.Text.Json.Serialization;
using IntegrityTools.Stores;

namespace IntegrityTools.Ledger;

/// <summary>How the facts of events that are not part of the model are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IssueWord))]
[JsonSerializable(typeof(GoneIssues))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(RunIdentity))]
[JsonSerializable(typeof(BackupRecord))]
[JsonSerializable(typeof(WrittenFile))]
[JsonSerializable(typeof(ScanProgress))]
[JsonSerializable(typeof(Backups.BackupReceipt))]
[JsonSerializable(typeof(Sqlite.Salvage.SalvageReport))]
internal sealed partial class LedgerJson : JsonSerializerContext
{ }
