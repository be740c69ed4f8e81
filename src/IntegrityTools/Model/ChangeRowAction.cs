namespace IntegrityTools.Model;

/// <summary>Deletes one row, or sets some of its columns to NULL. No trigger runs and nothing cascades: only this row changes.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The rowid, or the values of the primary key where there is none, as a JSON array.</param>
/// <param name="NullColumns">The columns that are set to NULL; empty: the row is deleted.</param>
/// <param name="ResultSha256">SHA-256 (hex) over the row's values afterwards; null for a deleted row.</param>
public sealed record ChangeRowAction(string Table, RawJson Key, IReadOnlyList<string> NullColumns, string? ResultSha256) : RepairAction;
