namespace IntegrityTools.Model;

/// <summary>The row must have exactly these values. Checked in the transaction that changes it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The rowid, or the values of the primary key where there is none, as a JSON array; or a JSON object of unique columns and their values.</param>
/// <param name="Sha256">SHA-256 (hex) over all of its values with their types; null: there must be no such row.</param>
public sealed record RowPrecondition(string Table, RawJson Key, string? Sha256) : Precondition;
