namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Where a row was found, and why it is kept apart.</summary>
/// <param name="Page">The page.</param>
/// <param name="Cell">The cell's place in its page's array; -1 when it is not in it.</param>
/// <param name="Table">The table that it belongs to, or probably does; null when that is not known.</param>
/// <param name="RowId">Its rowid; null where rows have none.</param>
/// <param name="Reason">Why it is kept apart.</param>
internal readonly record struct RowPlace(uint Page, int Cell, string? Table, long? RowId, string Reason);
