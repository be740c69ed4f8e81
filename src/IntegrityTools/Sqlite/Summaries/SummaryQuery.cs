using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// The query that tells what the events make of each row, in one pass over them. What only events could tell that are gone is taken from the row as it stands:
/// retention removes old events, and the summary must not forget with it.
/// </summary>
/// <param name="definition">The summary.</param>
/// <param name="present">The table with the rows as they stand, as SQL takes its name; null: there is none.</param>
/// <param name="columns">The columns that it has.</param>
internal sealed class SummaryQuery(SummaryDefinition definition, string? present, IReadOnlyList<string> columns)
{
    // Names that no column of anybody's has.
    private const string Id = "\"#key\"";
    private const string First = "\"#first\"";
    private const string Last = "\"#last\"";
    private const string RowStands = "\"#stands\"";
    private const string HasAll = "\"#whole\"";

    private readonly SummarySql sql = new(definition);

    /// <summary>
    /// The columns of <see cref="Expected"/> before those of the table: how many rows stand under the key (0 or 1), and whether the aggregate has all of its events.
    /// </summary>
    public const int Facts = 2;

    /// <summary>One row for each aggregate that has events: the facts, then the key and every other column as it should be.</summary>
    /// <param name="standing">True to put the columns as they stand behind, NULL for one that the table lacks.</param>
    public string Expected(bool standing)
    {
        var table = SqlName.Quote(definition.EventTable);
        var points = definition.Columns.Select((column, index) => Point(column) is { } point ? $", {point} AS {Place(index)}" : string.Empty);
        var joined = present is null ? string.Empty : $" LEFT JOIN {present} AS s ON s.{SqlName.Quote(definition.Key)} = p.{Id}";
        return $"""
            WITH points AS (
              SELECT e.{SqlName.Quote(definition.AggregateId)} AS {Id}, min(e.{Order}) AS {First}, max(e.{Order}) AS {Last}{string.Concat(points)}
              FROM {table} AS e WHERE {sql.Counts("e.")} GROUP BY e.{SqlName.Quote(definition.AggregateId)} COLLATE BINARY),
            rows AS (SELECT p.*, {Stands} AS {RowStands}, {Whole} AS {HasAll}{(present is null ? string.Empty : ", s.*")} FROM points AS p{joined})
            SELECT {RowStands}, {HasAll}, {Id}, {string.Join(", ", definition.Columns.Select(Column).Append(FirstEvent).Append(Last))}{(standing ? ", " + string.Join(", ", sql.Columns.Select(Standing)) : string.Empty)}
            FROM rows AS r
            """;
    }

    /// <summary>The rows that no event tells of any more.</summary>
    /// <param name="what">What is selected of them.</param>
    public string WithoutEvents(string what) => $"""
        SELECT {what} FROM {present} AS s WHERE s.{SqlName.Quote(definition.Key)} NOT IN
          (SELECT e.{SqlName.Quote(definition.AggregateId)} FROM {SqlName.Quote(definition.EventTable)} AS e WHERE {sql.Counts("e.")})
        """;

    private static string Place(int column) => $"\"#{column}\"";

    private string Order => SqlName.Quote(definition.Order);

    private string Stands => present is null ? "0" : $"s.{SqlName.Quote(definition.Key)} IS NOT NULL";

    /// <summary>
    /// Whether the aggregate has all of its events: there is no row yet to know better, or its first event is there, or, where that is not recorded, it begins as one
    /// does.
    /// </summary>
    private string Whole
    {
        get
        {
            if (present is null)
            {
                return "1";
            }

            var begins = definition.BeginWith.Count == 0
                ? "0"
                : $"(SELECT b.{SqlName.Quote(definition.EventType)} IN ({SummarySql.TypeList(definition.BeginWith)}) FROM {SqlName.Quote(definition.EventTable)} AS b WHERE b.{Order} = p.{First})";
            var recorded = Has(SummarySql.FirstEvent) ? $"WHEN s.{SummarySql.FirstEvent} IS NOT NULL THEN p.{First} <= s.{SummarySql.FirstEvent} " : string.Empty;
            return $"CASE WHEN s.{SqlName.Quote(definition.Key)} IS NULL THEN 1 {recorded}ELSE ifnull({begins}, 0) END";
        }
    }

    private string FirstEvent => $"CASE WHEN {HasAll} THEN {First} ELSE {Standing(SummarySql.FirstEvent)} END";

    private bool Has(string column) => present is not null && columns.Contains(column, StringComparer.OrdinalIgnoreCase);

    private string Standing(string column) => Has(column) ? "r." + SqlName.Quote(column) : "NULL";

    /// <summary>Where a column's value comes from: the place of an event, or for a count the number; null: the first or the last event, as the column's kind is.</summary>
    private string? Point(SummaryColumn column)
    {
        if (column.Kind == SummaryColumnKind.Count)
        {
            return $"sum({sql.Value(column, "e.")})";
        }

        string?[] conditions = [sql.IsOf(column, "e."), column.NeedsValue ? $"{sql.Source(column, "e.")} IS NOT NULL" : null];
        var condition = string.Join(" AND ", conditions.OfType<string>());
        return condition.Length == 0 ? null : $"{(column.Kind == SummaryColumnKind.First ? "min" : "max")}(CASE WHEN {condition} THEN e.{Order} END)";
    }

    private string Column(SummaryColumn column, int index)
    {
        var now = Standing(column.Name);
        if (column.Kind == SummaryColumnKind.Count)
        {
            return $"CASE WHEN NOT {HasAll} AND typeof({now}) = 'integer' AND {now} > {Place(index)} THEN {now} ELSE {Place(index)} END";
        }

        var point = Point(column) is not null ? Place(index) : column.Kind == SummaryColumnKind.First ? First : Last;
        var value = $"(SELECT {sql.Source(column, "e.")} FROM {SqlName.Quote(definition.EventTable)} AS e WHERE e.{Order} = {point})";
        return column.Kind == SummaryColumnKind.First
            ? $"CASE WHEN {HasAll} THEN {value} ELSE {(Has(column.Name) && !column.NeedsValue ? now : $"coalesce({now}, {value})")} END"
            : point == Last ? value : $"CASE WHEN {point} IS NOT NULL OR {HasAll} THEN {value} ELSE {now} END";
    }
}
