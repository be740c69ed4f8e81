using System.Text.Json.Serialization;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>How the note of an unfinished backup is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PartialBackup))]
internal sealed partial class CouchBackupJson : JsonSerializerContext
{ }
