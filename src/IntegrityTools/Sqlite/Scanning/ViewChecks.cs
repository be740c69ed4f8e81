using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Finds views that run a subquery for every row of a large table.</summary>
internal sealed class ViewChecks(CheckContext context, SqliteConnection connection, DatabaseSchema schema)
{
    // Below it, whatever a view does is done in a few milliseconds.
    private const long LargeTable = 1000;

    /// <summary>The costly views.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        if (!context.Wants(IssueTypes.CostlyView))
        {
            yield break;
        }

        foreach (var view in schema.Objects.Where(item => item.Type == "view"))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var steps = Steps(view.Name);
            var subqueries = steps.Count(step => step.Contains("CORRELATED", StringComparison.Ordinal));
            if (subqueries == 0)
            {
                continue;
            }

            var tables = schema.Tables.Where(table => view.Sql?.Contains(table.Name, StringComparison.OrdinalIgnoreCase) == true);
            var rows = tables.Select(table => RowsAbout(table.Name)).DefaultIfEmpty().Max();
            if (rows >= LargeTable)
            {
                yield return context.Issue(
                    IssueTypes.CostlyView,
                    Severity.Medium,
                    view.Name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The view runs {Counted.Of(subqueries, "subquery", "subqueries")} for every row of a table of some {rows:N0}: each look at it holds a read transaction open, which keeps the -wal growing. A table kept by triggers answers at once."),
                    new SettingEvidence(view.Name, string.Create(CultureInfo.InvariantCulture, $"{subqueries} correlated"), null, string.Join('\n', steps)),
                    view.Name);
            }
        }
    }

    private List<string> Steps(string view)
    {
        var steps = new List<string>();
        try
        {
            using var command = connection.Prepare($"EXPLAIN QUERY PLAN SELECT * FROM {SqlName.Quote(view)}");
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                steps.Add(reader.GetString(3));
            }
        }
        catch (SqliteException)
        {
            // A view over what is gone, or of functions that only the application has, cannot be planned here; nothing is known of its cost.
            steps.Clear();
        }

        return steps;
    }

    /// <summary>The largest rowid: of a table that rows are added to, about its rows, and found at once. 0 without rowids.</summary>
    private long RowsAbout(string table)
    {
        if (TableShape.Read(connection, table)?.RowId is not { } rowId)
        {
            return 0;
        }

        using var command = connection.Prepare($"SELECT max({rowId}) FROM {SqlName.Quote(table)}");
        return command.ExecuteScalar() as long? ?? 0;
    }
}
