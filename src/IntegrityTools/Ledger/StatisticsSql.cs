namespace IntegrityTools.Ledger;

/// <summary>What is counted in the ledger. Every question takes <c>$store</c> and <c>$since</c>, both optional.</summary>
internal static class StatisticsSql
{
    private const string Where = "($store IS NULL OR e.store = $store) AND ($since IS NULL OR e.at >= $since)";

    private const string Resolved = $"""
        FROM known_issue k JOIN event e ON e.number = k.changed JOIN event f ON f.number = k.first_seen
        WHERE k.status = 'resolved' AND {Where}
        """;

    private const string Age = "(julianday(e.at) - julianday(f.at)) * 86400000";

    public const string Scans =
        $"SELECT json_extract(e.data, '$.status'), count(*) FROM scan s JOIN event e ON e.number = s.report WHERE {Where} GROUP BY 1";

    public const string Issues = """
        SELECT CASE WHEN status = 'ignored' AND until <= $now THEN 'reopened' ELSE status END, count(*) FROM known_issue
        WHERE $store IS NULL OR store = $store GROUP BY 1
        """;

    public const string Operations = $"SELECT r.outcome, count(*) FROM operation_result r JOIN event e ON e.number = r.event WHERE {Where} GROUP BY 1";

    public const string Types = $"""
        SELECT k.type, count(*), sum(k.status = 'resolved') FROM known_issue k JOIN event e ON e.number = k.last_seen
        WHERE k.type IS NOT NULL AND {Where} GROUP BY k.type ORDER BY 2 DESC, 1 LIMIT 10
        """;

    public const string Slowest = $"""
        SELECT k.id, k.type, coalesce(json_extract(f.data, '$.subject'), ''), k.store, f.at, e.at, k.execution_id
        {Resolved} ORDER BY {Age} DESC, k.id LIMIT 10
        """;

    public const string FailedScans = $"""
        SELECT json_extract(e.data, '$.message'), e.at FROM scan s JOIN event e ON e.number = s.report
        WHERE json_extract(e.data, '$.status') = 'failure' AND {Where} ORDER BY e.number
        """;

    public const string FailedOperations = $"""
        SELECT e.number, e.key_id, CAST(e.sensitive AS BLOB), e.at FROM operation_result r JOIN event e ON e.number = r.event
        WHERE r.outcome = 'failed' AND {Where} ORDER BY e.number
        """;

    // Of an issue that was planned for twice the newest operation counts. A plan that takes something back decides nothing.
    public const string AutoResolved = $"""
        SELECT count(*), sum(NOT needs_review) FROM (
            SELECT o.needs_review, max(o.event) FROM plan_operation o JOIN event e ON e.number = o.event
                JOIN plan p ON p.id = o.plan_id JOIN event h ON h.number = p.header
            WHERE o.issue_id IS NOT NULL AND json_extract(h.data, '$.undoes') IS NULL AND {Where} GROUP BY o.issue_id)
        """;

    public static readonly string Detection = Percentiles($"""
        SELECT json_extract(e.data, '$.duration_ms') FROM scan s JOIN event e ON e.number = s.report
        WHERE json_extract(e.data, '$.status') = 'success' AND {Where}
        """);

    public static readonly string OperationTime = Percentiles(
        $"SELECT r.duration_ms FROM operation_result r JOIN event e ON e.number = r.event WHERE r.outcome = 'applied' AND {Where}");

    public static readonly string Resolution = Percentiles($"SELECT {Age} {Resolved}");

    // The nearest rank of the p-th of n is the ceiling of n * p / 100.
    private static string Percentiles(string values) => $"""
        WITH v(x) AS ({values}), r AS (SELECT x, row_number() OVER (ORDER BY x) AS n, count(*) OVER () AS c FROM v)
        SELECT count(*), max(CASE WHEN n = (c * 50 + 99) / 100 THEN x END), max(CASE WHEN n = (c * 95 + 99) / 100 THEN x END),
            max(CASE WHEN n = (c * 99 + 99) / 100 THEN x END), max(x) FROM r
        """;
}
