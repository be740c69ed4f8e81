using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>What of a summary a database has, beside what its definition says.</summary>
internal sealed class SummaryState
{
    // The trigger's ON CONFLICT DO UPDATE came with it.
    private static readonly Version FirstWithUpsert = new(3, 24, 0);

    private readonly SqliteConnection connection;
    private readonly SummaryDefinition definition;
    private readonly SummarySql sql;

    /// <summary>Compares.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="definition">The definition.</param>
    /// <param name="redefineView">True when the view is to stand over the table.</param>
    /// <param name="writer">The SQLite that wrote last; null when it is not known.</param>
    public SummaryState(SqliteConnection connection, SummaryDefinition definition, bool redefineView, Version? writer)
    {
        this.connection = connection;
        this.definition = definition;
        sql = new SummarySql(definition);
        Schema = SummarySchema.Read(connection, definition);
        Columns = Schema.Table is null ? [] : NamesOf(definition.Table);
        ViewColumns = Schema.View is null ? [.. sql.Columns.Except(SummarySql.Own)] : NamesOf(definition.View!);
        UniqueIndexes = NamesIn("SELECT name FROM pragma_index_list($table) WHERE \"unique\" AND origin = 'c'", definition.Table);
        Lacking = Needed().Except(NamesOf(definition.EventTable), StringComparer.OrdinalIgnoreCase).ToList();
        Reasons = [.. TableReasons(), .. IndexReasons(), .. TriggerReasons(), .. redefineView ? ViewReasons() : []];
        Refusal = FindRefusal(redefineView, writer);
    }

    /// <summary>All that is declared.</summary>
    public SummarySchema Schema { get; }

    /// <summary>The columns that the summary's table has; none when there is no table.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The columns that the view has, or would have.</summary>
    public IReadOnlyList<string> ViewColumns { get; }

    /// <summary>The unique indexes that somebody made on the table: nothing that the application inserts may fail on them.</summary>
    public IReadOnlyList<string> UniqueIndexes { get; }

    /// <summary>What is missing or differs, a sentence each; none when the summary is installed as defined.</summary>
    public IReadOnlyList<string> Reasons { get; }

    /// <summary>Why it cannot be installed, and what to do; null: it can.</summary>
    public string? Refusal { get; }

    /// <summary>True when nothing of the summary is there: that is no fault until somebody wants it.</summary>
    public bool IsAbsent => Schema.Table is null && !Schema.Writers.Any();

    /// <summary>True when a trigger writes into a table that is gone, so that no event can be inserted.</summary>
    public bool StopsEvents => Schema.Table is null && Schema.Writers.Any();

    /// <summary>True when rows can be held against events.</summary>
    public bool HasRows => Lacking.Count == 0 && Schema.Table is { Type: "table" } && Columns.Contains(definition.Key, StringComparer.OrdinalIgnoreCase);

    private List<string> Lacking { get; }

    private IEnumerable<string> Needed() =>
        new[] { definition.Order, definition.AggregateType, definition.AggregateId, definition.EventType, definition.Data }.OfType<string>()
            .Concat(definition.Columns.SelectMany(column => column.Sources).Where(source => !source.StartsWith('$')));

    private IEnumerable<string> TableReasons()
    {
        if (Lacking.Count > 0)
        {
            yield return $"The event table {definition.EventTable} has no {string.Join(", no ", Lacking)}.";
        }

        if (Schema.Table is not { Type: "table" } table)
        {
            yield return Schema.Writers.FirstOrDefault() is { } writer
                ? $"The table does not exist, and the trigger {writer.Name} makes every insert into {definition.EventTable} fail: bring it back at once with 'integrity summary update DB --confirm' (Update-IntegritySummary)."
                : "The table does not exist.";
            yield break;
        }

        if (table.Sql == sql.CreateTable())
        {
            yield break;
        }

        yield return "The table is declared differently.";
        if (TableShape.Read(connection, definition.Table) is not { } shape)
        {
            yield break;
        }

        foreach (var key in shape.ForeignKeys)
        {
            yield return $"Its foreign key on {string.Join(", ", key.Columns)} makes the insert of an event fail whose row of {key.Parent} was deleted.";
        }

        if (shape.NotNull.Where(column => !column.Equals(definition.Key, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: > 0 } notNull)
        {
            yield return $"Its NOT NULL on {string.Join(", ", notNull)} can make the insert of an event fail.";
        }
    }

    private IEnumerable<string> IndexReasons() => Schema.Table is null ? []
        : sql.CreateIndexes().Where(index => Schema.Find("index", index.Name)?.Sql != index.Sql).Select(index => $"The index {index.Name} is missing or differs.")
            .Concat(UniqueIndexes.Select(name => $"The index {name} is unique, and makes the insert of an event fail whose row would have what another one has: it does not stay."));

    private IEnumerable<string> TriggerReasons()
    {
        var own = Schema.Find("trigger", sql.TriggerName);
        if (own?.Sql != sql.CreateTrigger())
        {
            yield return own is null ? "No trigger of its own keeps it." : $"The trigger {own.Name} differs.";
        }

        foreach (var other in Schema.Writers.Where(item => item != own))
        {
            yield return $"The trigger {other.Name} writes to it, too{FaultsOf(other.Sql!)}.";
        }
    }

    private IEnumerable<string> ViewReasons()
    {
        if (definition.View is not null && Schema.View?.Sql != sql.CreateView(ViewColumns))
        {
            yield return $"The view {definition.View} does not stand over the table.";
        }
    }

    /// <summary>What is known to go wrong with triggers that were written for this.</summary>
    private string FaultsOf(string trigger)
    {
        var faults = new List<string>();
        void Find(bool found, string fault)
        {
            if (found)
            {
                faults.Add(fault);
            }
        }

        Find(trigger.Contains("LIKE", StringComparison.OrdinalIgnoreCase), "it counts by a pattern, which matches more than is meant");
        Find(definition.Except.Any(type => !trigger.Contains($"'{type}'", StringComparison.Ordinal)), "events that do not count overwrite what does");
        Find(
            trigger.Contains("json_extract", StringComparison.OrdinalIgnoreCase) && !trigger.Contains("json_valid", StringComparison.OrdinalIgnoreCase),
            "an event whose data is no JSON cannot be inserted");
        Find(
            trigger.Contains($"FROM {definition.EventTable}", StringComparison.OrdinalIgnoreCase) || trigger.Contains($"FROM {SqlName.Quote(definition.EventTable)}", StringComparison.OrdinalIgnoreCase),
            "it reads older events again at every insert, and loses what retention removes");
        return faults.Count == 0 ? string.Empty : $" ({string.Join("; ", faults)})";
    }

    private string? FindRefusal(bool redefineView, Version? writer)
    {
        if (Lacking.Count > 0)
        {
            return "The event table lacks columns: change the definition.";
        }

        if (Schema.Table is { Type: "view" })
        {
            return $"'{definition.Table}' is a view: give the summary's table another name.";
        }

        if (Columns.Except(sql.Columns, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } unknown)
        {
            return $"A table {definition.Table} is there with {string.Join(", ", unknown)}, which the definition does not make: nothing of it may be lost. "
                + "Add them to the definition, or give the summary's table another name.";
        }

        if (Schema.Table is not null && (!Columns.Contains(definition.Key, StringComparer.OrdinalIgnoreCase) || HasDoubleKeys()))
        {
            return $"A table {definition.Table} is there whose rows {definition.Key} does not tell apart: give the summary's table another name.";
        }

        if (redefineView && definition.View is null)
        {
            return "The definition names no view.";
        }

        if (redefineView && ViewColumns.Except(sql.Columns, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } lost)
        {
            return $"The view {definition.View} has {string.Join(", ", lost)}, which the summary does not: who reads it would miss them.";
        }

        return writer is not null && writer < FirstWithUpsert
            ? string.Create(CultureInfo.InvariantCulture, $"The program that writes the database uses SQLite {writer}, which cannot run the trigger (it needs {FirstWithUpsert}): its inserts would fail. Update it first.")
            : null;
    }

    private bool HasDoubleKeys()
    {
        using var command = connection.Prepare($"SELECT count(*) > count(DISTINCT {SqlName.Quote(definition.Key)}) FROM {SqlName.Quote(definition.Table)}");
        return (long)command.ExecuteScalar()! != 0;
    }

    private List<string> NamesOf(string table) => NamesIn("SELECT name FROM pragma_table_xinfo($table) ORDER BY cid", table);

    private List<string> NamesIn(string query, string table)
    {
        var names = new List<string>();
        using var command = connection.Prepare(query, ("$table", table));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
