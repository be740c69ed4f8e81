namespace IntegrityTools.Ledger;

/// <summary>
/// How events become the queue of issues: what is known of each, however many scans have found it. The times, the words and the issue
/// itself stay in the events that the columns name.
/// </summary>
internal static class IssueRules
{
    /// <summary>The columns of <c>known_issue</c>. The store comes first: a scan's end looks at its store's issues only.</summary>
    public const string Columns = """
        store TEXT NOT NULL, id TEXT NOT NULL, type TEXT, severity TEXT, status TEXT NOT NULL, first_seen INTEGER NOT NULL,
        last_seen INTEGER NOT NULL, changed INTEGER NOT NULL, until TEXT, plan_id TEXT, execution_id TEXT, PRIMARY KEY(store, id)
        """;

    /// <summary>Name, kinds of events, and what follows from them. Statements that join use FROM, which looks rows up instead of asking each.</summary>
    public static readonly (string Name, string Kinds, string Body)[] All =
    [
        ("known_issue_found", $"'{LedgerEventKinds.IssueFound}'", """
            INSERT INTO known_issue(store, id, type, severity, status, first_seen, last_seen, changed)
                VALUES(coalesce(NEW.store, ''), NEW.subject, json_extract(NEW.data, '$.type'), json_extract(NEW.data, '$.severity'), 'open',
                    NEW.number, NEW.number, NEW.number)
                ON CONFLICT(store, id) DO UPDATE SET
                    severity = excluded.severity, last_seen = excluded.last_seen,
                    changed = CASE WHEN status = 'resolved' OR (status = 'ignored' AND until <= NEW.at) THEN excluded.changed ELSE changed END,
                    status = CASE WHEN status = 'resolved' OR (status = 'ignored' AND until <= NEW.at) THEN 'reopened' ELSE status END;
            """),

        // What somebody has seen since the scan began is left alone, whoever saw it: two scans may run at one time.
        ("known_issue_gone", $"'{LedgerEventKinds.ScanFinished}'", """
            UPDATE known_issue SET status = 'resolved', changed = NEW.number, execution_id = NULL
                WHERE json_extract(NEW.data, '$.status') = 'success' AND store = NEW.store AND status <> 'resolved'
                    AND last_seen < (SELECT started FROM scan WHERE id = NEW.scan_id)
                    AND type IN (SELECT value FROM json_each(NEW.data, '$.covered_types'));
            """),
        ("known_issue_gone_where_changed", $"'{LedgerEventKinds.IssuesGone}'", """
            UPDATE known_issue SET status = 'resolved', changed = NEW.number, execution_id = NULL
                WHERE store = NEW.store AND status <> 'resolved' AND last_seen < (SELECT started FROM scan WHERE id = NEW.scan_id)
                    AND id IN (SELECT value FROM json_each(NEW.data, '$.ids'));
            """),
        ("known_issue_planned", $"'{LedgerEventKinds.PlanOperation}'", """
            UPDATE known_issue SET status = 'planned', plan_id = NEW.plan_id, until = NULL, changed = NEW.number
                WHERE store = NEW.store AND id = json_extract(NEW.data, '$.issue_id') AND status <> 'resolved'
                    AND NOT coalesce(json_extract(NEW.data, '$.needs_review'), 0)
                    AND (SELECT json_extract(e.data, '$.undoes') FROM plan p JOIN event e ON e.number = p.header WHERE p.id = NEW.plan_id) IS NULL;
            """),

        // At the execution's end: of a store that is never changed in place nothing is repaired before its new file stands. What was
        // found again, or decided by a person, after its operation is left alone.
        ("known_issue_repaired", $"'{LedgerEventKinds.ExecutionFinished}'", $"""
            UPDATE known_issue SET status = 'resolved', changed = NEW.number, execution_id = NEW.execution_id
                FROM ({Outcomes("'applied', 'already_applied'")}) AS done
                WHERE json_extract(NEW.data, '$.undoes') IS NULL
                    AND (json_extract(NEW.data, '$.status') = 'completed' OR json_extract(NEW.data, '$.destination') IS NULL)
                    AND store = NEW.store AND id = done.issue_id AND status <> 'resolved' AND done.event > last_seen AND done.event > changed;
            UPDATE known_issue SET status = 'open', changed = NEW.number
                FROM ({Outcomes("'stale', 'declined', 'needs_review'")}) AS done
                WHERE store = NEW.store AND id = done.issue_id AND status = 'planned' AND plan_id = NEW.plan_id AND done.event > changed;
            """),

        // A file is given back as a whole, by one operation that answers an execution instead of an issue.
        ("known_issue_undone", $"'{LedgerEventKinds.ExecutionFinished}'", $"""
            UPDATE known_issue SET status = 'reopened', changed = NEW.number, execution_id = NULL
                FROM ({Outcomes("'applied', 'already_applied'")}) AS done
                WHERE store = (SELECT e.store FROM execution x JOIN event e ON e.number = x.started WHERE x.id = json_extract(NEW.data, '$.undoes'))
                    AND id = done.issue_id AND status = 'resolved' AND execution_id = json_extract(NEW.data, '$.undoes');
            UPDATE known_issue SET status = 'reopened', changed = NEW.number, execution_id = NULL
                WHERE status = 'resolved' AND execution_id = json_extract(NEW.data, '$.undoes')
                    AND execution_id IN (SELECT issue_id FROM ({Outcomes("'applied', 'already_applied'")}));
            """),
        ("known_issue_ignored", $"'{LedgerEventKinds.IssueIgnored}'", """
            UPDATE known_issue SET status = 'ignored', until = json_extract(NEW.data, '$.until'), changed = NEW.number
                WHERE store = NEW.store AND id = NEW.subject;
            """),
        ("known_issue_reopened", $"'{LedgerEventKinds.IssueReopened}'", """
            UPDATE known_issue SET status = 'reopened', until = NULL, execution_id = NULL, changed = NEW.number
                WHERE store = NEW.store AND id = NEW.subject;
            """),
        ("known_issue_cleaned", $"'{LedgerEventKinds.IssuesCleaned}'", """
            DELETE FROM known_issue WHERE status = 'resolved'
                AND (SELECT at FROM event WHERE number = changed) < json_extract(NEW.data, '$.before');
            """),
    ];

    private static string Outcomes(string codes) => $"""
        SELECT o.issue_id, r.event FROM operation_result r JOIN plan_operation o ON o.plan_id = NEW.plan_id AND o.number = r.number
        WHERE r.execution_id = NEW.execution_id AND r.outcome IN ({codes})
        """;
}
