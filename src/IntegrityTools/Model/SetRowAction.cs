namespace IntegrityTools.Model;

/// <summary>Sets columns of one row, which is made when it is not there. No trigger runs: only this row changes.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The row, as a JSON object of unique columns and their values.</param>
/// <param name="Values">The columns with their new values, as a JSON object.</param>
/// <param name="ResultSha256">SHA-256 (hex) over the row's values afterwards.</param>
public sealed record SetRowAction(string Table, RawJson Key, RawJson Values, string ResultSha256) : RepairAction;
