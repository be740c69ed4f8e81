using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>Compacts a database and its view indexes, and removes index files that no design document needs. Old revisions' bodies go for good.</summary>
/// <param name="Database">The database.</param>
public sealed record CompactDatabaseAction(string Database) : RepairAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsReversible => false;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool RunsLong => true;
}
