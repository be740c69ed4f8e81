using System.Text.Json.Serialization;
using IntegrityTools.Stores;

namespace IntegrityTools.Ledger;

/// <summary>How facts that only the ledger keeps are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BackupRecord))]
[JsonSerializable(typeof(Lease))]
public sealed partial class LedgerJson : JsonSerializerContext;
