namespace IntegrityTools.Ledger;

/// <summary>What is asked of the ledger's tables.</summary>
internal static class LedgerSql
{
    public const string Identity = "SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)";

    public const string Head = "SELECT number, hash, base_number, base_hash, key_id, seal FROM head WHERE id = 1";

    public const string InsertHead =
        "INSERT INTO head(id, number, hash, base_number, base_hash, key_id, seal) VALUES(1, 0, $hash, 0, $hash, $key, $seal)";

    public const string UpdateHead = "UPDATE head SET number = $number, hash = $hash, seal = $seal WHERE id = 1";

    public const string Events = $"""
        SELECT {LedgerSchema.EventColumns} FROM event
        WHERE number > $after AND ($scan IS NULL OR scan_id = $scan) AND ($plan IS NULL OR plan_id = $plan)
            AND ($execution IS NULL OR execution_id = $execution) AND ($kind IS NULL OR kind = $kind)
        ORDER BY number LIMIT $limit
        """;

    public const string AllEvents = $"SELECT {LedgerSchema.EventColumns} FROM event ORDER BY number";

    public const string Scans =
        "SELECT CAST(e.data AS BLOB) FROM scan s JOIN event e ON e.number = s.report WHERE $id IS NULL OR s.id = $id ORDER BY s.started DESC";

    // Ids begin with the time, and the table is in their order: the newest are read without sorting.
    public const string ScansOf =
        "SELECT CAST(e.data AS BLOB) FROM scan s JOIN event e ON e.number = s.report WHERE e.store = $store ORDER BY s.id DESC";

    // Of a scan that several processes share, two may have recorded the same issue.
    public const string Issues = """
        SELECT e.number, e.key_id, CAST(e.sensitive AS BLOB) FROM (SELECT min(event) AS event FROM issue WHERE scan_id = $id GROUP BY id) i
        CROSS JOIN event e ON e.number = i.event ORDER BY i.event
        """;

    // Sorted by the small rows alone, before what was found is looked up.
    public const string KnownIssues = """
        SELECT e.number, e.key_id, CAST(e.sensitive AS BLOB), k.state, f.at, e.at, c.at, c.actor, json_extract(c.data, '$.reason'),
            CASE WHEN k.state = 'ignored' THEN k.until END, k.plan_id, k.execution_id
        FROM (
            SELECT *, CASE WHEN status = 'ignored' AND until <= $now THEN 'reopened' ELSE status END AS state FROM known_issue
            WHERE ($store IS NULL OR store = $store) AND ($ids IS NULL OR id IN (SELECT value FROM json_each($ids)))
                AND ($types IS NULL OR type IN (SELECT value FROM json_each($types)))
                AND ($statuses IS NULL OR state IN (SELECT value FROM json_each($statuses)))
            ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, first_seen
            LIMIT -1) k
        CROSS JOIN event e ON e.number = k.last_seen CROSS JOIN event f ON f.number = k.first_seen CROSS JOIN event c ON c.number = k.changed
        """;

    private const string Unresolved = "(k.status IN ('open', 'planned', 'reopened') OR (k.status = 'ignored' AND k.until <= $now))";

    public const string UnresolvedCounts = $"""
        SELECT coalesce(k.type, ''), k.severity, count(*) FROM known_issue k WHERE k.store = $store AND {Unresolved} GROUP BY 1, 2
        """;

    public const string UnresolvedSubjects = $"""
        SELECT count(DISTINCT json_extract(e.data, '$.subject')) FROM known_issue k JOIN event e ON e.number = k.last_seen
        WHERE k.store = $store AND {Unresolved} AND k.type IN (SELECT value FROM json_each($types))
        """;

    public const string Subjects = """
        SELECT k.last_seen, k.type, json_extract(e.data, '$.subject') FROM known_issue k CROSS JOIN event e ON e.number = k.last_seen
        WHERE k.store = $store AND k.status <> 'resolved' AND k.type IN (SELECT value FROM json_each($types))
        """;

    public const string IssuesOfEvents = "SELECT e.subject FROM json_each($events) n CROSS JOIN event e ON e.number = n.value";

    public const string Trend = """
        SELECT at, score, documents, size FROM health WHERE store = $store AND at >= $since ORDER BY at, event
        """;

    public const string Ignored = "SELECT id FROM known_issue WHERE store = $store AND status = 'ignored' AND until > $now";

    public const string ResolvedBefore =
        "SELECT count(*) FROM known_issue k JOIN event e ON e.number = k.changed WHERE k.status = 'resolved' AND e.at < $before";

    public const string Plans = """
        SELECT CAST(e.data AS BLOB), count(o.number), coalesce(sum(o.needs_review), 0),
            max(CASE WHEN o.needs_review THEN 0 WHEN o.risk = 'high' THEN 2 WHEN o.risk = 'medium' THEN 1 ELSE 0 END)
        FROM plan p JOIN event e ON e.number = p.header LEFT JOIN plan_operation o ON o.plan_id = p.id
        GROUP BY p.id ORDER BY p.header DESC
        """;

    public const string PlanHeader = "SELECT CAST(e.data AS BLOB) FROM plan p JOIN event e ON e.number = p.header WHERE p.id = $id";

    public const string PlanOperations = """
        SELECT e.number, e.key_id, CAST(e.sensitive AS BLOB) FROM plan_operation o JOIN event e ON e.number = o.event
        WHERE o.plan_id = $id ORDER BY o.number
        """;

    // A failed operation is tried again when the execution is resumed, so it is still pending.
    public const string Executions = """
        SELECT x.id, x.status, x.backup_path, x.undone_by, CAST(s.data AS BLOB), CAST(f.data AS BLOB), f.at,
            (SELECT count(*) FROM plan_operation o WHERE o.plan_id = x.plan_id AND NOT o.needs_review AND NOT EXISTS(
                SELECT 1 FROM operation_result r WHERE r.execution_id = x.id AND r.number = o.number
                    AND r.outcome IN ('applied', 'already_applied', 'stale', 'needs_review', 'declined')))
        FROM execution x JOIN event s ON s.number = x.started LEFT JOIN event f ON f.number = x.finished
        WHERE $id IS NULL OR x.id = $id ORDER BY x.started DESC
        """;

    public const string LastExecution = """
        SELECT x.id FROM execution x JOIN event s ON s.number = x.started WHERE s.store = $store ORDER BY x.started DESC LIMIT 1
        """;

    public const string Outcomes =
        "SELECT execution_id, outcome, count(*) FROM operation_result WHERE $id IS NULL OR execution_id = $id GROUP BY execution_id, outcome";

    public const string Results = """
        SELECT e.number, e.key_id, CAST(e.sensitive AS BLOB) FROM operation_result r JOIN event e ON e.number = r.event
        WHERE r.execution_id = $id ORDER BY r.number
        """;

    public const string OperationTimes = "SELECT type, avg(duration_ms) FROM operation_result WHERE outcome = 'applied' GROUP BY type";

    public const string Lease = "SELECT holder, owner, expires_at FROM lease WHERE store = $id";
}
