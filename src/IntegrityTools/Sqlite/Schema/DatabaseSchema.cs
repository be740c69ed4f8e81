using IntegrityTools.Ledger;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>What the schema of a database declares.</summary>
internal sealed class DatabaseSchema
{
    private DatabaseSchema(IReadOnlyList<SchemaObject> objects) => Objects = objects;

    /// <summary>Everything declared, in its order.</summary>
    public IReadOnlyList<SchemaObject> Objects { get; }

    /// <summary>The tables that hold rows of their own; SQLite's and virtual ones are left out.</summary>
    public IEnumerable<SchemaObject> Tables =>
        Objects.Where(item => item is { Type: "table", RootPage: > 0 } && !item.Name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase));

    /// <summary>A schema that was read by other means.</summary>
    public static DatabaseSchema Of(IEnumerable<SchemaObject> objects) => new([.. objects]);

    /// <summary>Reads the schema.</summary>
    public static DatabaseSchema Read(SqliteConnection connection)
    {
        var objects = new List<SchemaObject>();
        using var command = connection.Prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            objects.Add(new SchemaObject(
                reader.Text(0) ?? string.Empty, reader.Text(1) ?? string.Empty, reader.Text(2) ?? string.Empty, reader.IsDBNull(3) ? 0 : reader.GetInt64(3), reader.Text(4)));
        }

        return new DatabaseSchema(objects);
    }

    /// <summary>The table or index whose b-tree starts on that page.</summary>
    public SchemaObject? At(long rootPage) => AllAt(rootPage).FirstOrDefault();

    /// <summary>All that is declared to start on that page: of a sound schema one table or index, or none.</summary>
    public IEnumerable<SchemaObject> AllAt(long rootPage) => rootPage == 1
        ? [new SchemaObject("table", "sqlite_schema", "sqlite_schema", 1, null)]
        : Objects.Where(item => item.RootPage == rootPage);

    /// <summary>The tables and indexes that begin on no page: SQLite passes over them in its check, and cannot read them.</summary>
    public IEnumerable<SchemaObject> Rootless => Objects.Where(item =>
        item is { Type: "table" or "index", RootPage: < 1 } && item.Sql?.StartsWith("CREATE VIRTUAL", StringComparison.OrdinalIgnoreCase) != true);

    /// <summary>The index of that name.</summary>
    public SchemaObject? Index(string name) =>
        Objects.FirstOrDefault(item => item.Type == "index" && item.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The full-text table of that name; null when there is none.</summary>
    public FullTextTable? FullText(string name) => Objects.Select(FullTextTable.Of).FirstOrDefault(table => table?.Name.Equals(name, StringComparison.OrdinalIgnoreCase) == true);
}
