namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Makes the new database's schema: tables before the rows, indexes, views and triggers after them, full-text indexes anew.</summary>
internal sealed class SchemaRebuild(NewDatabase database, IReadOnlyList<SchemaEntry> entries, List<string> notes)
{
    private readonly List<SchemaEntry> virtuals = [];

    /// <summary>Makes the tables.</summary>
    /// <returns>The names of those that could not be made.</returns>
    public IReadOnlyList<string> CreateTables()
    {
        var refused = new List<string>();
        foreach (var entry in entries.Where(entry => entry.IsVirtual))
        {
            if (Tell(entry, database.Create(entry)))
            {
                virtuals.Add(entry);
            }
        }

        foreach (var entry in entries.Where(entry => entry.Type == "table" && !entry.IsVirtual && entry.Sql is not null))
        {
            if (IsMadeAnew(entry, entries))
            {
                continue;
            }

            if (entry.Name == "sqlite_sequence" || virtuals.Exists(table => IsShadow(table, entry.Name)))
            {
                // It is there already, perhaps with the first rows of something empty.
                _ = database.TryRun($"DELETE FROM {ShapeReader.Quote(entry.Name)}");
            }
            else if (!Tell(entry, database.Create(entry)))
            {
                refused.Add(entry.Name);
            }
        }

        TellStrangers();
        return refused;
    }

    /// <summary>Makes everything else, and full-text indexes from their rows.</summary>
    public void CreateTheRest()
    {
        database.Dialect.Forget();
        foreach (var entry in virtuals.Where(IsFullText))
        {
            var name = ShapeReader.Quote(entry.Name);
            if (database.TryRun($"INSERT INTO {name}({name}) VALUES('rebuild')") is { } refused)
            {
                notes.Add($"The full-text index {entry.Name} could not be built anew: {refused}.");
            }
        }

        foreach (var entry in entries.Where(entry => entry.Type != "table" && entry.Sql is not null).OrderBy(entry => entry.Type == "index" ? 0 : entry.Type == "view" ? 1 : 2))
        {
            Tell(entry, database.Create(entry));
        }
    }

    /// <summary>Whether a table holds only what SQLite computes from others: statistics, and the index of a full-text table that has its texts.</summary>
    public static bool IsMadeAnew(SchemaEntry entry, IEnumerable<SchemaEntry> all) =>
        entry.Name.StartsWith("sqlite_stat", StringComparison.OrdinalIgnoreCase)
        || (!entry.Name.EndsWith("_content", StringComparison.OrdinalIgnoreCase)
            && all.Any(table => IsFullText(table) && IsShadow(table, entry.Name)));

    private static bool IsFullText(SchemaEntry entry) => entry.IsVirtual
        && entry.Sql!.Contains("USING fts", StringComparison.OrdinalIgnoreCase)
        && !entry.Sql.Replace(" ", string.Empty, StringComparison.Ordinal).Contains("content=''", StringComparison.OrdinalIgnoreCase);

    private static bool IsShadow(SchemaEntry table, string name) => name.StartsWith(table.Name + "_", StringComparison.OrdinalIgnoreCase);

    private void TellStrangers()
    {
        var (collations, functions) = (database.Dialect.Collations, database.Dialect.Functions);
        if (collations.Count > 0)
        {
            notes.Add($"Only the application knows the order of {string.Join(", ", collations)}: before the new database is used, let the application run REINDEX on it, and make the indexes that could not be made.");
        }

        if (functions.Count > 0)
        {
            notes.Add($"Only the application has {string.Join(", ", functions.Select(name => name + "()"))}: what its tables compute or check by that was stored unchecked, and stored generated columns as NULL.");
        }

        if (database.Strict.Any())
        {
            notes.Add($"{string.Join(", ", database.Strict)}: STRICT tables, which SQLite {SqliteRuntime.Version}, by which they were written, does not know. What reads the new database needs 3.37 or later, as for the old one.");
        }
    }

    private bool Tell(SchemaEntry entry, string? refused)
    {
        if (refused is not null)
        {
            notes.Add($"The {entry.Type} {entry.Name} could not be made: {refused}.");
        }

        return refused is null;
    }
}
