using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>What a database declares of a summary: its table with indexes and triggers, its view, and its event table's definition and triggers.</summary>
internal sealed class SummarySchema
{
    private const string Query = """
        SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_master
        WHERE sql IS NOT NULL AND (tbl_name COLLATE NOCASE IN ($table, $view) OR (tbl_name = $events COLLATE NOCASE AND type IN ('table', 'trigger')))
        ORDER BY type, name
        """;

    private readonly SchemaPrecondition names;

    private SummarySchema(SchemaPrecondition names, IReadOnlyList<SchemaObject> objects)
    {
        this.names = names;
        Objects = objects;
    }

    /// <summary>Everything declared.</summary>
    public IReadOnlyList<SchemaObject> Objects { get; }

    /// <summary>The summary's table; null when there is none.</summary>
    public SchemaObject? Table => Objects.FirstOrDefault(item => item.Type is "table" or "view" && Is(item.Name, names.Table));

    /// <summary>The view; null when there is none.</summary>
    public SchemaObject? View => Objects.FirstOrDefault(item => item.Type == "view" && names.View is not null && Is(item.Name, names.View));

    /// <summary>The event table's triggers that name the summary's table, and so write it.</summary>
    public IEnumerable<SchemaObject> Writers => Objects.Where(item =>
        item.Type == "trigger" && Is(item.Table, names.EventTable)
        && Regex.IsMatch(item.Sql!, $@"(?<!\w){Regex.Escape(names.Table)}(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));

    /// <summary>All that a repair drops and makes anew: the table with what hangs on it, its writers, the view.</summary>
    public IEnumerable<SchemaObject> Replaced => Objects.Where(item => !Is(item.Table, names.EventTable)).Concat(Writers);

    /// <summary>What must hold for this to be the database's state still.</summary>
    public SchemaPrecondition Precondition => names with { Sha256 = Digest() };

    /// <summary>Reads what is declared.</summary>
    public static SummarySchema Read(SqliteConnection connection, string eventTable, string table, string? view)
    {
        var objects = new List<SchemaObject>();
        using var command = connection.Prepare(Query, ("$events", eventTable), ("$table", table), ("$view", view));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            objects.Add(new SchemaObject(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetString(4)));
        }

        return new SummarySchema(new SchemaPrecondition(eventTable, table, view, string.Empty), objects);
    }

    /// <summary>Reads what is declared of a summary.</summary>
    public static SummarySchema Read(SqliteConnection connection, SummaryDefinition definition) =>
        Read(connection, definition.EventTable, definition.Table, definition.View);

    /// <summary>What was saved of a summary; the same backup may hold others beside it.</summary>
    public static SummarySchema Saved(IEnumerable<SchemaObject> saved, SchemaPrecondition names) => new(
        names,
        [.. saved.Where(item => Is(item.Table, names.Table) || (names.View is not null && Is(item.Table, names.View))
            || (item.Type is "table" or "trigger" && Is(item.Table, names.EventTable))).DistinctBy(Described)]);

    /// <summary>An object with all that is declared of it.</summary>
    public static string Described(SchemaObject item) => $"{item.Type}\0{item.Name}\0{item.Sql}";

    /// <summary>True when an object is declared just so.</summary>
    public bool Has(SchemaObject item) => Objects.Any(own => Described(own) == Described(item));

    /// <summary>True when both declare the same.</summary>
    public bool IsSameAs(SummarySchema other) => Objects.All(other.Has) && other.Objects.All(Has);

    /// <summary>The object of that kind and name.</summary>
    public SchemaObject? Find(string type, string name) => Objects.FirstOrDefault(item => item.Type == type && Is(item.Name, name));

    private static bool Is(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private string Digest()
    {
        var text = string.Join('\0', Objects.Select(Described));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
