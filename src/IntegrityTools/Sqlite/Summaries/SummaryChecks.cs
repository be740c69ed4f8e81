using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Holds summaries against their events, row by row and column by column.</summary>
/// <param name="context">What every check is given.</param>
/// <param name="connection">The database.</param>
/// <param name="schema">Its schema.</param>
/// <param name="asked">The summary to check, installed or not; null: those that are installed.</param>
internal sealed class SummaryChecks(CheckContext context, SqliteConnection connection, DatabaseSchema schema, SummaryRequest? asked)
{
    /// <summary>What differs.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        if (!context.Wants(IssueTypes.SummaryDrift))
        {
            yield break;
        }

        asked?.Counts.Clear();
        IEnumerable<SummaryDefinition> definitions = asked?.Definition is { } definition
            ? [definition]
            : Installed(schema);
        foreach (var summary in definitions)
        {
            asked?.Counts.Tables.Add(summary.Table);
            foreach (var issue in Check(summary))
            {
                yield return issue;
            }
        }
    }

    /// <summary>The summaries of a database, as their triggers tell them, or their tables where the trigger is gone.</summary>
    public static IEnumerable<SummaryDefinition> Installed(DatabaseSchema schema) =>
        schema.Objects.Where(item => item.Type is "trigger" or "table").OrderByDescending(item => item.Type, StringComparer.Ordinal)
            .Select(item => SummarySql.Told(item.Sql)).OfType<SummaryDefinition>().DistinctBy(told => told.Table, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<IntegrityIssue> Check(SummaryDefinition summary)
    {
        var state = new SummaryState(connection, summary, asked?.RedefineView == true, context.Header.WriterVersion);
        if (state.Reasons.Count > 0)
        {
            yield return context.Issue(
                IssueTypes.SummaryDrift,
                state.StopsEvents ? Severity.Critical : state.IsAbsent ? Severity.Info : Severity.High,
                summary.Table,
                $"The summary {summary.Table} is not {(state.IsAbsent ? "installed" : "as it is defined")}: {string.Join(' ', state.Reasons)}",
                new SummaryEvidence { Table = summary.Table, Reasons = state.Reasons, Definition = summary, RedefineView = asked?.RedefineView == true },
                summary.Table,
                repairable: state.Refusal is null);
        }

        if (!state.HasRows)
        {
            yield break;
        }

        var query = new SummaryQuery(summary, SqlName.Quote(summary.Table), state.Columns);
        foreach (var issue in Rows(summary, query, state))
        {
            yield return issue;
        }

        if (asked?.Counts is { } counts)
        {
            counts.Rows += Count($"SELECT count(*) FROM {SqlName.Quote(summary.Table)}");
            counts.WithoutEvents += Count(query.WithoutEvents("count(*)"));
        }
    }

    private IEnumerable<IntegrityIssue> Rows(SummaryDefinition summary, SummaryQuery query, SummaryState state)
    {
        var sql = new SummarySql(summary);
        using var values = new SummaryValues(sql);
        using var rows = new RawStatement(connection, query.Expected(standing: true), []);
        while (rows.Step())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var (stands, whole) = (rows.Read(0).Number != 0, rows.Read(1).Number != 0);
            Count(whole);
            var expected = Read(rows, SummaryQuery.Facts, sql.Columns.Count);
            if (!stands)
            {
                yield return Missing(summary, sql, values.Stored(expected));
                continue;
            }

            var found = Read(rows, SummaryQuery.Facts + sql.Columns.Count, sql.Columns.Count);
            if (expected.Zip(found).All(pair => pair.First.IsSameAs(pair.Second)))
            {
                continue;
            }

            expected = [.. values.Stored(expected)];
            var hash = new RowImage(sql.Columns, found).Sha256;
            for (var column = 1; column < expected.Count; column++)
            {
                if (!expected[column].IsSameAs(found[column]) && state.Columns.Contains(sql.Columns[column], StringComparer.OrdinalIgnoreCase))
                {
                    yield return Differs(summary, sql.Columns[column], found, expected[column], found[column], hash);
                }
            }
        }
    }

    private static List<RowValue> Read(RawStatement rows, int first, int count) => [.. Enumerable.Range(first, count).Select(rows.Read)];

    private void Count(bool whole)
    {
        if (asked?.Counts is { } counts)
        {
            counts.Aggregates++;
            counts.WithFewerEvents += whole ? 0 : 1;
        }
    }

    private IntegrityIssue Missing(SummaryDefinition summary, SummarySql sql, IReadOnlyList<RowValue> expected) => context.Issue(
        IssueTypes.SummaryDrift,
        Severity.High,
        RowKey.Subject(summary.Table, expected.Take(1)),
        "The row is missing, and its aggregate has events.",
        new SummaryEvidence
        {
            Table = summary.Table,
            Key = RowKey.ToJson([summary.Key], expected),
            Expected = RowKey.ToJson(sql.Columns, expected),
        },
        summary.Table,
        repairable: true,
        key: RowKey.Distinction([expected[0]]));

    private IntegrityIssue Differs(SummaryDefinition summary, string column, List<RowValue> row, RowValue expected, RowValue found, string hash) => context.Issue(
        IssueTypes.SummaryDrift,
        Severity.Medium,
        RowKey.Subject(summary.Table, row.Take(1)),
        $"{column} is {found}, and the events make it {expected}.",
        new SummaryEvidence
        {
            Table = summary.Table,
            Key = RowKey.ToJson([summary.Key], row),
            Column = column,
            Found = found.ToJson(),
            Expected = expected.ToJson(),
            RowSha256 = hash,
        },
        summary.Table,
        repairable: true,
        key: column + RowKey.Distinction([row[0]]));

    private long Count(string query)
    {
        using var command = connection.Prepare(query);
        return (long)command.ExecuteScalar()!;
    }
}
