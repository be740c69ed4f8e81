using System.Text.Json;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>Counts what the ledger holds of scans, issues and repairs, on one connection, so that all figures are of one moment.</summary>
/// <param name="connection">The ledger.</param>
/// <param name="decrypt">Opens the sensitive part of a row whose first columns are number, key and value.</param>
/// <param name="store">Of this store; null: of all.</param>
/// <param name="since">From when on; null: from the first event on.</param>
/// <param name="now">The present.</param>
internal sealed class LedgerStatistics(
    SqliteConnection connection, Func<SqliteDataReader, byte[]> decrypt, string? store, DateTimeOffset? since, DateTimeOffset now)
{
    private const int Shown = 10;

    public ReportSummary Summarize()
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        var operations = Counts(StatisticsSql.Operations);
        var (failed, applied) = (operations.GetValueOrDefault("failed"), operations.GetValueOrDefault("applied"));
        var (planned, automatic) = Rows(StatisticsSql.AutoResolved, row => (row.GetInt64(0), row.IsDBNull(1) ? 0 : row.GetInt64(1))).Single();
        return new ReportSummary
        {
            Store = store,
            Since = since,
            Scans = Counts(StatisticsSql.Scans),
            Issues = Counts(StatisticsSql.Issues),
            Operations = operations,
            CommonestTypes = Rows(StatisticsSql.Types, row => new IssueTypeCount(row.GetString(0), row.GetInt64(1), row.GetInt64(2))),
            SlowestResolutions = Rows(
                StatisticsSql.Slowest,
                row => new IssueResolution(
                    row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), LedgerTime.Parse(row.GetString(4)), LedgerTime.Parse(row.GetString(5)), row.Text(6))),
            ErrorPatterns = Errors(),
            AutoResolveRate = planned == 0 ? null : (double)automatic / planned,
            FailureRate = failed + applied == 0 ? null : (double)failed / (failed + applied),
            DetectionMs = Spread(StatisticsSql.Detection),
            OperationMs = Spread(StatisticsSql.OperationTime),
            ResolutionMs = Spread(StatisticsSql.Resolution),
        };
    }

    private IReadOnlyList<ErrorPattern> Errors()
    {
        var patterns = new ErrorPatterns();
        foreach (var (message, at) in Rows(StatisticsSql.FailedScans, row => (row.Text(0), row.GetString(1))))
        {
            patterns.Add("scan", message ?? "(no message)", LedgerTime.Parse(at));
        }

        using var command = Prepare(StatisticsSql.FailedOperations);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var result = JsonSerializer.Deserialize(decrypt(reader), ModelJson.Default.RepairResult)!;
            patterns.Add(result.Type, result.Message ?? "(no message)", LedgerTime.Parse(reader.GetString(3)));
        }

        return patterns.Top(Shown);
    }

    private Dictionary<string, long> Counts(string sql) =>
        Rows(sql, row => (Code: row.Text(0) ?? "unknown", Count: row.GetInt64(1))).ToDictionary(row => row.Code, row => row.Count, StringComparer.Ordinal);

    private Percentiles Spread(string sql) =>
        Rows(sql, row => new Percentiles(row.GetInt64(0), Number(row, 1), Number(row, 2), Number(row, 3), Number(row, 4))).Single();

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using var command = Prepare(sql);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private SqliteCommand Prepare(string sql) => connection.Prepare(
        sql, ("$store", store), ("$since", since is { } from ? LedgerTime.Of(from) : null), ("$now", LedgerTime.Of(now)));
}
