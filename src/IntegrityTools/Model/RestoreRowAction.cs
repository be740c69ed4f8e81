namespace IntegrityTools.Model;

/// <summary>Gives back a row from the saved state: rowid and every value.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The rowid, or the values of the primary key where there is none, as a JSON array.</param>
/// <param name="ResultSha256">SHA-256 (hex) over the row's values as they were.</param>
/// <param name="BackupPath">The file that holds them.</param>
public sealed record RestoreRowAction(string Table, RawJson Key, string ResultSha256, string BackupPath) : RepairAction;
