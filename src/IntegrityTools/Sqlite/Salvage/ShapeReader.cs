using IntegrityTools.Ledger;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Asks SQLite itself, in an empty database in memory, what a table's records look like.</summary>
internal sealed class ShapeReader : IDisposable
{
    private static readonly string[] RowIdNames = ["rowid", "_rowid_", "oid"];

    private readonly SqliteConnection scratch;
    private readonly SchemaDialect dialect;

    public ShapeReader()
    {
        SqliteRuntime.Initialize();
        scratch = new SqliteConnection("Data Source=:memory:;Pooling=False");
        scratch.Open();
        scratch.TakeQuotedText();
        dialect = new SchemaDialect(scratch);
    }

    /// <summary>A table's shape; null when SQLite does not understand its text, and then why.</summary>
    public TableShape? Table(SchemaEntry entry, out string? fault)
    {
        fault = null;
        try
        {
            if (entry.Name == "sqlite_sequence")
            {
                return Sequence(entry);
            }

            if (entry.Sql is null || !entry.Sql.StartsWith("CREATE TABLE", StringComparison.OrdinalIgnoreCase))
            {
                fault = "its text is no CREATE TABLE";
                return null;
            }

            dialect.Create(entry.Sql);
            return Describe(entry);
        }
        catch (SqliteException failure)
        {
            fault = Reason(failure);
            return null;
        }
    }

    /// <summary>An index's shape, of a table that was asked for before; null when SQLite does not understand it.</summary>
    public TableShape? Index(SchemaEntry entry)
    {
        try
        {
            if (entry.Sql is not null)
            {
                dialect.Create(entry.Sql);
            }

            var types = Rows($"PRAGMA table_xinfo({Quote(entry.Table)})").ToDictionary(row => (string)row[1], row => (string)row[2]);
            var fields = Rows($"PRAGMA index_xinfo({Quote(entry.Name)})")
                .Select(row => row[2] is string name && types.TryGetValue(name, out var type)
                    ? new StoredField(name, StoredField.AffinityOf(type), false, false, false)
                    : new StoredField("rowid", (long)row[1] == -1 ? 'I' : 'B', (long)row[1] == -1, false, false))
                .ToList();
            return fields.Count == 0 ? null : new TableShape(entry.Name, entry.Root, fields) { IsIndex = true, IsTaken = false, Table = entry.Table };
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => scratch.Dispose();

    /// <summary>SQLite's own words, without what the driver puts around them.</summary>
    public static string Reason(SqliteException failure) => failure.Message is var text && text.IndexOf('\'', StringComparison.Ordinal) is >= 0 and var quote && text.EndsWith("'.", StringComparison.Ordinal)
        ? text[(quote + 1)..^2] : text.TrimEnd('.');

    /// <summary>A name as SQL takes it.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static TableShape Sequence(SchemaEntry entry) => new(
        entry.Name, entry.Root, [new StoredField("name", 'B', false, false, false), new StoredField("seq", 'B', false, false, false)])
    { RowIdName = "rowid" };

    private TableShape? Describe(SchemaEntry entry)
    {
        var columns = Rows($"PRAGMA table_xinfo({Quote(entry.Name)})");
        var fields = columns.Where(column => (long)column[6] is 0 or 3).Select(column => Field(column, isRowId: false)).ToList();
        var primary = Rows($"PRAGMA index_list({Quote(entry.Name)})").Where(index => (string)index[3] == "pk").Select(index => (string)index[1]).FirstOrDefault();
        if (primary is not null && Rows("SELECT 1 FROM sqlite_schema WHERE name = " + Text(primary)).Count == 0)
        {
            var byName = fields.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);
            var keys = columns.Where(column => (long)column[5] > 0).Select(column => (string)column[1]).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var stored = Rows($"PRAGMA index_xinfo({Quote(primary)})")
                .Select(row => byName[(string)row[2]])
                .Select(field => keys.Contains(field.Name) ? field with { NotNull = true } : field)
                .ToList();
            var ascending = Rows($"PRAGMA index_xinfo({Quote(primary)})").Where(row => (long)row[5] == 1).All(row => (long)row[3] == 0);
            return new TableShape(entry.Name, entry.Root, stored) { WithoutRowId = true, HasIntegerKey = ascending && keys.Count == 1 && stored[0].Affinity == 'I' };
        }

        var key = columns.Where(column => (long)column[5] > 0).ToList();
        if (key.Count == 1 && primary is null)
        {
            var at = fields.FindIndex(field => field.Name == (string)key[0][1]);
            fields[at] = fields[at] with { IsRowId = true };
            return new TableShape(entry.Name, entry.Root, fields);
        }

        var names = columns.Select(column => (string)column[1]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new TableShape(entry.Name, entry.Root, fields) { RowIdName = Array.Find(RowIdNames, name => !names.Contains(name)) };
    }

    private static StoredField Field(object[] column, bool isRowId) =>
        new((string)column[1], StoredField.AffinityOf(column[2] as string), (long)column[3] != 0, isRowId, (long)column[6] == 3);

    private static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private List<object[]> Rows(string sql)
    {
        using var command = scratch.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object[]>();
        while (reader.Read())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }
}
