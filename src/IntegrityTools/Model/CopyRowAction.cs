namespace IntegrityTools.Model;

/// <summary>Gives back a row that is gone from a backup of its database: its key and every value.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The rowid, or the values of the primary key where there is none, as a JSON array.</param>
/// <param name="ResultSha256">SHA-256 (hex) over the row's values.</param>
/// <param name="SourcePath">The backup's database. It is only read.</param>
public sealed record CopyRowAction(string Table, RawJson Key, string ResultSha256, string SourcePath) : RepairAction;
