namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// sqlite_sequence holds, for each table with AUTOINCREMENT, the highest key ever given out, so that none is given out twice. SQLite counts in it while rows are inserted; while
/// this is not finished it holds nothing, and gets the rows that were salvaged. What they lack is then counted from the rows that were found, and told.
/// </summary>
internal sealed class SequenceRows
{
    /// <summary>The table.</summary>
    public const string Table = "sqlite_sequence";

    private readonly NewDatabase database;
    private readonly List<string> notes;
    private readonly IReadOnlyList<(string Table, long Last)> counted;

    public SequenceRows(NewDatabase database, List<string> notes)
    {
        (this.database, this.notes) = (database, notes);

        // It comes with the first table that needs it, which may be one that could not be made.
        _ = database.TryRun("CREATE TABLE IF NOT EXISTS integrity_sequence(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE integrity_sequence");
        counted = database.Sequence();
        _ = database.TryRun($"DELETE FROM {Table}");
    }

    /// <summary>Counts what is lacking. Not where the salvage has failed or was called off: nobody gets that database, and a failure here would hide the first one.</summary>
    /// <exception cref="IntegrityTools.Model.IntegrityException">The new database cannot be written.</exception>
    public void Finish()
    {
        var found = database.Sequence().Select(row => row.Table).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var lost = counted.Where(row => !found.Contains(row.Table)).ToList();
        lost.ForEach(row => database.Count(row.Table, row.Last));
        if (lost.Count > 0)
        {
            notes.Add(
                $"sqlite_sequence: the row of {string.Join(", ", lost.Select(row => row.Table))} is lost. New keys go on from the highest that was found: keys of rows that were deleted, or not found, may be given out again.");
        }
    }
}
