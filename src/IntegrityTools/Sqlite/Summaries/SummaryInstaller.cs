using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Makes a summary in the transaction that is open: table, rows, indexes, trigger, view.</summary>
internal sealed class SummaryInstaller(SqliteConnection connection, SummaryDefinition definition, bool redefineView)
{
    private const string Before = "temp.\"integrity rows before\"";

    private readonly SummarySql sql = new(definition);

    /// <summary>True when all is there as defined, and beside it what was saved before and nothing else: what others have made since would go with it.</summary>
    public bool HasMade(SummarySchema saved)
    {
        var state = State();
        return state.Reasons.Count == 0
            && state.Schema.Objects.All(item => IsMade(item) || saved.Has(item))
            && saved.Objects.Except(Dropped(saved)).All(state.Schema.Has);
    }

    /// <summary>Makes it.</summary>
    /// <returns>Why not; null when it is made and right.</returns>
    public string? Install()
    {
        var state = State();
        if (state.Refusal is { } refusal)
        {
            return refusal;
        }

        var viewColumns = state.ViewColumns;
        var kept = state.Schema.Replaced.Where(item => IsKept(item) && !state.UniqueIndexes.Contains(item.Name)).ToList();
        if (state.Schema.Table is not null)
        {
            connection.Run($"CREATE TEMP TABLE \"integrity rows before\" AS SELECT * FROM main.{sql.Table}");
        }

        SummaryObjects.Drop(connection, Dropped(state.Schema));
        connection.Run(sql.CreateTable());
        Fill(state);
        foreach (var statement in sql.CreateIndexes().Select(index => index.Sql).Concat(kept.Select(item => item.Sql!)).Append(sql.CreateTrigger()))
        {
            connection.Run(statement);
        }

        if (redefineView)
        {
            connection.Run(sql.CreateView(viewColumns));
        }

        var left = State().Reasons;
        return left.Count == 0 ? null : $"It is not as it should be after all was made: {string.Join(' ', left)} Everything was taken back.";
    }

    private IEnumerable<SchemaObject> Dropped(SummarySchema schema) => schema.Replaced.Where(item => redefineView || !SummaryObjects.IsOfView(item, schema));

    private bool IsMade(SchemaObject item) => (item.Type, item.Name) switch
    {
        ("table", var name) => Is(name, definition.Table),
        ("index", var name) => sql.CreateIndexes().Any(index => Is(name, index.Name)),
        ("trigger", var name) => Is(name, sql.TriggerName),
        ("view", var name) => redefineView && definition.View is { } view && Is(name, view),
        _ => false,
    };

    private static bool Is(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private SummaryState State() => new(connection, definition, redefineView, writer: null);

    /// <summary>Indexes and triggers that somebody else put on the table stay, but for unique ones.</summary>
    private bool IsKept(SchemaObject item) =>
        (item.Type is "index" or "trigger")
        && item.Table.Equals(definition.Table, StringComparison.OrdinalIgnoreCase)
        && !sql.CreateIndexes().Any(index => index.Name.Equals(item.Name, StringComparison.OrdinalIgnoreCase) || Covers(item));

    /// <summary>True for an index on the very columns of a defined one.</summary>
    private bool Covers(SchemaObject item)
    {
        using var command = connection.Prepare("SELECT ifnull(name, '') FROM pragma_index_info($index) ORDER BY seqno", ("$index", item.Name));
        using var reader = command.ExecuteReader();
        var columns = new List<string>();
        while (reader.Read())
        {
            columns.Add(reader.GetString(0));
        }

        return definition.Indexes.Any(index => index.SequenceEqual(columns, StringComparer.OrdinalIgnoreCase))
            && item.Sql?.Contains(" WHERE ", StringComparison.OrdinalIgnoreCase) == false;
    }

    private void Fill(SummaryState state)
    {
        var adopted = state.Schema.Table is not null;
        var query = new SummaryQuery(definition, adopted ? Before : null, state.Columns);
        var columns = sql.Columns.Select((_, index) => $"column{index}").ToList();
        Run($"""
            INSERT INTO {sql.Table} SELECT {string.Join(", ", columns)} FROM (WITH expected (stands, whole, {string.Join(", ", columns)}) AS ({query.Expected(standing: false)}) SELECT * FROM expected)
            """);
        if (adopted)
        {
            var shared = sql.Columns.Intersect(state.Columns, StringComparer.OrdinalIgnoreCase).ToList();
            Run($"INSERT INTO {sql.Table} ({SqlName.List(shared)}) {query.WithoutEvents(SqlName.List(shared, "s."))}");
            connection.Run($"DROP TABLE {Before}");
        }
    }

    private void Run(string statement)
    {
        using var command = connection.Prepare(statement);
        command.ExecuteNonQuery();
    }
}
