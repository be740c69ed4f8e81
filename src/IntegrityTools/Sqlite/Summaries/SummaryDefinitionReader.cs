using System.Text.RegularExpressions;
using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// Reads a definition from YAML and holds it against the database that it is for: an unknown key or column is refused with line, column
/// and the nearest right name.
/// </summary>
internal sealed partial class SummaryDefinitionReader
{
    private static readonly SummaryDefinition Empty = new()
    {
        EventTable = string.Empty,
        Order = string.Empty,
        AggregateId = string.Empty,
        EventType = string.Empty,
        Table = string.Empty,
        Key = string.Empty,
        Columns = [],
    };

    private static readonly ListKind<string> Texts = new(ValueKinds.Text, orOne: true);

    private static readonly Setting<SummaryDefinition>[] Table =
    [
        Text("events.table", d => d.EventTable, (d, v) => d with { EventTable = v }, "The table of events."),
        Text("events.order", d => d.Order, (d, v) => d with { Order = v }, "The column by which events are ordered; not set: the INTEGER PRIMARY KEY."),
        Text("events.aggregate_type", d => d.AggregateType, (d, v) => d with { AggregateType = v }, "The column with the aggregate's type."),
        Text("events.aggregate_id", d => d.AggregateId, (d, v) => d with { AggregateId = v }, "The column with the aggregate's id."),
        Text("events.event_type", d => d.EventType, (d, v) => d with { EventType = v }, "The column with the event's type."),
        Text("events.data", d => d.Data, (d, v) => d with { Data = v }, "The column with the event's data as JSON."),
        Text("events.aggregate", d => d.Of, (d, v) => d with { Of = v }, "The type of aggregate that is summed up; not set: all."),
        new Setting<SummaryDefinition, IReadOnlyList<string>>("events.except", Texts, d => d.Except, (d, v) => d with { Except = v }, "Types of events that do not count."),
        new Setting<SummaryDefinition, IReadOnlyList<string>>("events.begin_with", Texts, d => d.BeginWith, (d, v) => d with { BeginWith = v },
            "Types of events with which an aggregate begins."),
        Text("summary.table", d => d.Table, (d, v) => d with { Table = v }, "The summary's table."),
        Text("summary.key", d => d.Key, (d, v) => d with { Key = v }, "Its column with the aggregate's id."),
        Text("summary.view", d => d.View, (d, v) => d with { View = v }, "A view that can be redefined over the table."),
        new Setting<SummaryDefinition, IReadOnlyDictionary<string, SummaryColumn>>(
            "summary.columns", new MapKind<SummaryColumn>(new SummaryColumnEntry(), StringComparer.OrdinalIgnoreCase),
            d => d.Columns.ToDictionary(column => column.Name), (d, v) => d with { Columns = [.. v.Values] }, "The columns."),
        new Setting<SummaryDefinition, IReadOnlyList<IReadOnlyList<string>>>(
            "summary.indexes", new ListKind<IReadOnlyList<string>>(Texts), d => d.Indexes, (d, v) => d with { Indexes = v }, "The columns of each index."),
    ];

    private readonly ConfigurationReader reader;
    private readonly MapNode root;
    private readonly SqliteConnection connection;

    private SummaryDefinitionReader(ConfigurationReader reader, MapNode root, SqliteConnection connection)
    {
        this.reader = reader;
        this.root = root;
        this.connection = connection;
    }

    /// <summary>Reads a definition.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="connection">The database.</param>
    /// <exception cref="ConfigurationException">The definition has errors: all of them are in it.</exception>
    public static SummaryDefinition Read(string text, string file, SqliteConnection connection)
    {
        var reader = new ConfigurationReader(string.Empty);
        if (YamlTree.Parse(text, file) is not MapNode map)
        {
            throw new ConfigurationException(file, [new ConfigurationError(string.Empty, 1, 1, "Expected a map with events and summary.", null)]);
        }

        var definition = new SummaryDefinitionReader(reader, map, connection).Check(reader.Read(Empty, Table, map.Entries));
        return reader.Errors.Count == 0 ? definition : throw new ConfigurationException(file, reader.Errors);
    }

    private static Setting<SummaryDefinition> Text(string name, Func<SummaryDefinition, string?> get, Func<SummaryDefinition, string, SummaryDefinition> set, string description) =>
        new Setting<SummaryDefinition, string?>(name, ValueKinds.OptionalText, get, (d, v) => set(d, v!), description);

    private SummaryDefinition Check(SummaryDefinition definition)
    {
        foreach (var needed in new[] { "events.table", "events.aggregate_id", "events.event_type", "summary.table", "summary.key", "summary.columns" })
        {
            if (!reader.Has(needed))
            {
                reader.Fail(root, needed, "This key is missing.");
            }
        }

        if (reader.Errors.Count > 0)
        {
            return definition;
        }

        var table = EventColumn.ReadAll(connection, definition.EventTable);
        if (table.Count == 0)
        {
            reader.Fail("events.table", $"The database has no table '{definition.EventTable}'.", NearestWord.Of(definition.EventTable, Tables()));
            return definition;
        }

        definition = CheckEvents(definition, table);
        return CheckSummary(definition, table);
    }

    private SummaryDefinition CheckEvents(SummaryDefinition definition, IReadOnlyList<EventColumn> table)
    {
        Exists("events.aggregate_type", definition.AggregateType, table);
        Exists("events.aggregate_id", definition.AggregateId, table);
        Exists("events.event_type", definition.EventType, table);
        Exists("events.data", definition.Data, table);
        if (definition.Of is not null && definition.AggregateType is null)
        {
            reader.Fail("events.aggregate", "It needs events.aggregate_type, the column that holds it.");
        }

        if (definition.Order.Length == 0)
        {
            if (table.FirstOrDefault(column => column.IsRowId) is { } key)
            {
                return definition with { Order = key.Name };
            }

            reader.Fail("events.table", "The table has no INTEGER PRIMARY KEY: name the column that orders its events with events.order.");
        }
        else if (Exists("events.order", definition.Order, table) is { IsUnique: false })
        {
            reader.Fail("events.order", $"'{definition.Order}' has no unique index: two events could have the same place.");
        }

        return definition;
    }

    private SummaryDefinition CheckSummary(SummaryDefinition definition, IReadOnlyList<EventColumn> table)
    {
        var names = definition.Columns.Select(column => column.Name).Append(definition.Key).ToList();
        foreach (var column in definition.Columns)
        {
            var place = $"summary.columns.{column.Name}";
            foreach (var source in column.Sources)
            {
                var key = $"{place}.{(column.Kind == SummaryColumnKind.First ? "first" : "latest")}";
                if (!source.StartsWith('$'))
                {
                    Exists(key, source, table);
                }
                else if (definition.Data is null)
                {
                    reader.Fail(key, "A JSON path needs events.data, the column that holds the JSON.");
                }
                else if (!JsonPath().IsMatch(source))
                {
                    reader.Fail(key, $"'{source}' is no JSON path, such as $.error or $.list[0].");
                }
            }

            if (column.Name.Equals(definition.Key, StringComparison.OrdinalIgnoreCase) || SummarySql.Own.Contains(column.Name, StringComparer.OrdinalIgnoreCase))
            {
                reader.Fail("summary.columns", $"'{column.Name}' is the name of a column that the summary has anyway.");
            }
        }

        foreach (var name in definition.Indexes.SelectMany(index => index))
        {
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                reader.Fail("summary.indexes", $"The summary has no column '{name}'.", NearestWord.Of(name, names));
            }
        }

        if (definition.Table.Equals(definition.EventTable, StringComparison.OrdinalIgnoreCase) || definition.Table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
        {
            reader.Fail("summary.table", "Expected a table of its own.");
        }

        return definition with
        {
            KeyType = table.FirstOrDefault(column => column.Is(definition.AggregateId))?.Type,
            Columns = [.. definition.Columns.Select(column => column with { Type = column.Type ?? TypeOf(column, table) })],
        };
    }

    private static string? TypeOf(SummaryColumn column, IReadOnlyList<EventColumn> table) => column switch
    {
        { Kind: SummaryColumnKind.Count } => "INTEGER",
        { Sources: [var source] } => table.FirstOrDefault(known => known.Is(source))?.Type,
        _ => null,
    };

    private EventColumn? Exists(string key, string? name, IReadOnlyList<EventColumn> table)
    {
        var found = table.FirstOrDefault(column => column.Is(name));
        if (name is not null && found is null)
        {
            reader.Fail(key, $"The event table has no column '{name}'.", NearestWord.Of(name, table.Select(column => column.Name)));
        }

        return found;
    }

    // By its form: SQLite itself looks only as far into a path as the document goes.
    [GeneratedRegex("""^\$(\.("[^"]+"|[^."\[\]]+)|\[([0-9]+|#(-[0-9]+)?)\])*$""", RegexOptions.CultureInvariant)]
    private static partial Regex JsonPath();

    private List<string> Tables()
    {
        var names = new List<string>();
        using var command = connection.Prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }
}
