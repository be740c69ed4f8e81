using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// The SQL that makes and keeps a summary. Whatever an application writes into its event table must go through: so the table has no constraint but its key, the trigger
/// takes no JSON that is none, and no row without an id.
/// </summary>
internal sealed class SummarySql(SummaryDefinition definition)
{
    /// <summary>The column with the place of the first event that the row has seen; NULL: not known.</summary>
    public const string FirstEvent = "first_event_id";

    /// <summary>The column with the place of the last one.</summary>
    public const string LastEvent = "last_event_id";

    /// <summary>What stands before the definition in the trigger and in the table, by which a summary explains itself, also when one of them is gone.</summary>
    public const string Mark = "/* IntegrityTools summary ";

    private const string MarkEnd = " */";

    /// <summary>The columns that every summary has beside those of its definition.</summary>
    public static IReadOnlyList<string> Own { get; } = [FirstEvent, LastEvent];

    /// <summary>The key, the defined columns and our own.</summary>
    public IReadOnlyList<string> Columns { get; } = [definition.Key, .. definition.Columns.Select(column => column.Name), .. Own];

    /// <summary>The table's name as SQL takes it.</summary>
    public string Table => SqlName.Quote(definition.Table);

    /// <summary>The trigger's name.</summary>
    public string TriggerName => $"{definition.Table}_follows_{definition.EventTable}";

    /// <summary>The definition of the table. An INTEGER PRIMARY KEY would be a rowid, and refuse an id that is a text.</summary>
    public string CreateTable(string? named = null)
    {
        var rowId = string.Equals(definition.KeyType, "INTEGER", StringComparison.OrdinalIgnoreCase);
        IEnumerable<string> columns =
        [
            Declare(definition.Key, definition.KeyType) + (rowId ? " UNIQUE" : " PRIMARY KEY"),
            .. definition.Columns.Select(column => Declare(column.Name, column.Type)),
            .. Own.Select(name => Declare(name, null)),
        ];
        return $"CREATE TABLE {SqlName.Quote(named ?? definition.Table)} ({Remark()} {string.Join(", ", columns)})";
    }

    /// <summary>The definitions of the indexes, by name.</summary>
    public IEnumerable<(string Name, string Sql)> CreateIndexes() => definition.Indexes.Select(columns =>
    {
        var name = $"idx_{definition.Table}_{string.Join('_', columns)}";
        return (name, $"CREATE INDEX {SqlName.Quote(name)} ON {Table} ({SqlName.List(columns)})");
    });

    /// <summary>The definition of the view over the table.</summary>
    /// <param name="columns">Its columns, in their order.</param>
    public string CreateView(IEnumerable<string> columns) => $"CREATE VIEW {SqlName.Quote(definition.View!)} AS SELECT {SqlName.List(columns)} FROM {Table}";

    /// <summary>
    /// The trigger: one look at the aggregate's row by its key, whatever the number of events. Columns of certain events alone are set by statements of their own, so
    /// that other events do not touch their indexes. An event that comes late, with a lower place than the last, does not take the newest one's place.
    /// </summary>
    public string CreateTrigger()
    {
        var all = definition.Columns.Where(column => column.Kind == SummaryColumnKind.Count || column.EventTypes.Count == 0).ToList();
        var insert = $"""
            INSERT INTO {Table} ({SqlName.List([definition.Key, .. all.Select(column => column.Name), .. Own])})
              VALUES ({string.Join(", ", [New(definition.AggregateId), .. all.Select(column => Value(column, "NEW.")), New(definition.Order), New(definition.Order)])})
              ON CONFLICT ({SqlName.Quote(definition.Key)}) DO UPDATE SET
                {string.Join(",\n    ", all.Select(column => $"{SqlName.Quote(column.Name)} = {Follow(column, "excluded." + SqlName.Quote(column.Name), "excluded." + LastEvent)}"))}{(all.Count > 0 ? "," : string.Empty)}
                {FirstEvent} = min({FirstEvent}, excluded.{FirstEvent}),
                {LastEvent} = CASE WHEN excluded.{LastEvent} < {LastEvent} THEN {LastEvent} ELSE excluded.{LastEvent} END;
            """;
        var updates = definition.Columns.Except(all).GroupBy(column => TypeList(column.EventTypes)).Select(group => $"""

              UPDATE {Table} SET {string.Join(", ", group.Select(column => $"{SqlName.Quote(column.Name)} = {Follow(column, Source(column, "NEW."), New(definition.Order))}"))}
                WHERE {New(definition.EventType)} IN ({group.Key}) AND {SqlName.Quote(definition.Key)} = {New(definition.AggregateId)};
            """);
        return $"""
            CREATE TRIGGER {SqlName.Quote(TriggerName)} AFTER INSERT ON {SqlName.Quote(definition.EventTable)}
            WHEN {Counts("NEW.")}
            BEGIN
              {Remark()}
              {insert}{string.Concat(updates)}
            END
            """.ReplaceLineEndings("\n");
    }

    /// <summary>The definition that a trigger or a table carries; null when it is none of ours, or cannot be read.</summary>
    public static SummaryDefinition? Told(string? sql)
    {
        var start = sql?.IndexOf(Mark, StringComparison.Ordinal) ?? -1;
        var end = start < 0 ? -1 : sql!.IndexOf(MarkEnd, start, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        try
        {
            var told = JsonSerializer.Deserialize(sql.AsSpan(start + Mark.Length, end - start - Mark.Length), ModelJson.Default.SummaryDefinition);
            return SummaryGuard.Admits(told) ? told : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Which events count.</summary>
    public string Counts(string prefix)
    {
        var conditions = new List<string>
        {
            $"{prefix}{SqlName.Quote(definition.AggregateId)} IS NOT NULL", $"{prefix}{SqlName.Quote(definition.Order)} IS NOT NULL",
        };
        if (definition.Of is { } of)
        {
            conditions.Add($"{prefix}{SqlName.Quote(definition.AggregateType!)} = {SqlName.Text(of)}");
        }

        if (definition.Except.Count > 0)
        {
            conditions.Add($"{prefix}{SqlName.Quote(definition.EventType)} NOT IN ({TypeList(definition.Except)})");
        }

        return string.Join(" AND ", conditions);
    }

    /// <summary>What one event says of a column: its value, or for a count whether it is one of them.</summary>
    public string Value(SummaryColumn column, string prefix) => column.Kind == SummaryColumnKind.Count
        ? IsOf(column, prefix) is { } condition ? $"CASE WHEN {condition} THEN 1 ELSE 0 END" : "1"
        : Source(column, prefix);

    /// <summary>Whether an event is one of those that matter to a column; null: every one is.</summary>
    public string? IsOf(SummaryColumn column, string prefix) => column.EventTypes.Count == 0 || column.EventTypes is ["*"]
        ? null
        : $"{prefix}{SqlName.Quote(definition.EventType)} IN ({TypeList(column.EventTypes)})";

    /// <summary>Where an event holds a column's value.</summary>
    public string Source(SummaryColumn column, string prefix)
    {
        var sources = column.Sources.Select(source => source.StartsWith('$') ? Json(source, prefix) : prefix + SqlName.Quote(source)).ToList();
        return sources.Count == 1 ? sources[0] : $"coalesce({string.Join(", ", sources)})";
    }

    /// <summary>Texts as a list in SQL.</summary>
    public static string TypeList(IEnumerable<string> types) => string.Join(", ", types.Select(SqlName.Text));

    // As text, since a program may have bound its JSON as bytes; and asked for its validity first, since json_extract fails on what is none.
    private string Json(string path, string prefix)
    {
        var data = $"CAST({prefix}{SqlName.Quote(definition.Data!)} AS TEXT)";
        return $"CASE WHEN json_valid({data}) THEN json_extract({data}, {SqlName.Text(path)}) END";
    }

    private static string Follow(SummaryColumn column, string value, string place)
    {
        var name = SqlName.Quote(column.Name);

        // A row whose last event is not known takes the new one's value; one whose first event is not known keeps what it has.
        return column switch
        {
            { Kind: SummaryColumnKind.Count } => $"{name} + {value}",
            { Kind: SummaryColumnKind.First, NeedsValue: false } => $"CASE WHEN {place} <= {FirstEvent} THEN {value} ELSE {name} END",
            { Kind: SummaryColumnKind.First } => $"CASE WHEN {place} <= {FirstEvent} THEN coalesce({value}, {name}) ELSE coalesce({name}, {value}) END",
            { Keep: true } => $"CASE WHEN {place} < {LastEvent} THEN coalesce({name}, {value}) ELSE coalesce({value}, {name}) END",
            _ => $"CASE WHEN {place} < {LastEvent} THEN {name} ELSE {value} END",
        };
    }

    private string Remark() =>
        $"{Mark}{JsonSerializer.Serialize(definition, ModelJson.Default.SummaryDefinition).Replace("*/", "*\\u002f", StringComparison.Ordinal)}{MarkEnd}";

    private static string New(string column) => "NEW." + SqlName.Quote(column);

    private static string Declare(string name, string? type) => type is null ? SqlName.Quote(name) : $"{SqlName.Quote(name)} {type}";
}
