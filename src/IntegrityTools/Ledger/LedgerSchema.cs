using System.Text;

namespace IntegrityTools.Ledger;

/// <summary>
/// The ledger's tables and the rules by which events become present state. Each rule is written once and serves three times: as a
/// trigger on new events, in a rebuild, and in a check that replays the events beside the state.
/// </summary>
internal static class LedgerSchema
{
    /// <summary>The version in the file's user_version; raised with each change of the tables.</summary>
    public const int Version = 5;

    /// <summary>The file's application_id: "ITlg".</summary>
    public const int ApplicationId = 0x49546C67;

    /// <summary>Columns of an event in the order in which a reader reads them.</summary>
    public const string EventColumns =
        "number, at, actor, kind, store, scan_id, plan_id, execution_id, subject, CAST(data AS BLOB), key_id, CAST(sensitive AS BLOB), previous, hash";

    public const string InsertEvent = """
        INSERT INTO event(number, at, actor, kind, store, scan_id, plan_id, execution_id, subject, data, key_id, sensitive, previous, hash)
        VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """;

    // head: the chain's end, so that a cut tail shows, and its base: where the chain starts once its oldest part is sealed elsewhere.
    private const string Events = """
        CREATE TABLE event(
            number INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, store TEXT, scan_id TEXT,
            plan_id TEXT, execution_id TEXT, subject TEXT, previous BLOB NOT NULL, hash BLOB NOT NULL, key_id TEXT,
            data TEXT NOT NULL, sensitive BLOB);
        CREATE INDEX event_scan ON event(scan_id) WHERE scan_id IS NOT NULL;
        CREATE INDEX event_plan ON event(plan_id) WHERE plan_id IS NOT NULL;
        CREATE INDEX event_execution ON event(execution_id) WHERE execution_id IS NOT NULL;
        CREATE TABLE head(
            id INTEGER PRIMARY KEY CHECK(id = 1), number INTEGER NOT NULL, hash BLOB NOT NULL, base_number INTEGER NOT NULL,
            base_hash BLOB NOT NULL, key_id TEXT, seal BLOB NOT NULL);
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
        CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;

        """;

    /// <summary>The tables of present state: name and columns.</summary>
    private static readonly (string Name, string Columns)[] States =
    [
        ("scan", "id TEXT NOT NULL PRIMARY KEY, started INTEGER NOT NULL, report INTEGER NOT NULL"),
        ("issue", "scan_id TEXT NOT NULL, event INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY(scan_id, event)"),
        ("plan", "id TEXT NOT NULL PRIMARY KEY, header INTEGER NOT NULL"),
        ("plan_operation", """
            plan_id TEXT NOT NULL, number INTEGER NOT NULL, risk TEXT NOT NULL, needs_review INTEGER NOT NULL, event INTEGER NOT NULL,
            issue_id TEXT, PRIMARY KEY(plan_id, number)
            """),
        ("execution", """
            id TEXT NOT NULL PRIMARY KEY, plan_id TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER, status TEXT NOT NULL,
            backup_path TEXT, undoes TEXT, undone_by TEXT
            """),
        ("operation_result", """
            execution_id TEXT NOT NULL, number INTEGER NOT NULL, type TEXT NOT NULL, outcome TEXT NOT NULL, duration_ms REAL NOT NULL,
            event INTEGER NOT NULL, PRIMARY KEY(execution_id, number)
            """),
        // The holder is the JSON of a run: its execution, its process.
        ("lease", "store TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, owner TEXT NOT NULL, expires_at TEXT NOT NULL"),
        ("known_issue", IssueRules.Columns),
        ("health", "store TEXT NOT NULL, at TEXT NOT NULL, event INTEGER NOT NULL, score INTEGER NOT NULL, documents INTEGER, size INTEGER, PRIMARY KEY(store, at, event)"),
    ];

    private static readonly (string Name, string Kinds, string Body)[] Rules =
    [
        ("scan", $"'{LedgerEventKinds.ScanStarted}', '{LedgerEventKinds.ScanFinished}'", """
            INSERT INTO scan(id, started, report) VALUES(NEW.scan_id, NEW.number, NEW.number)
                ON CONFLICT(id) DO UPDATE SET report = excluded.report;
            """),
        ("issue", $"'{LedgerEventKinds.IssueFound}'", "INSERT INTO issue(scan_id, event, id) VALUES(NEW.scan_id, NEW.number, NEW.subject);"),
        ("plan", $"'{LedgerEventKinds.PlanCreated}', '{LedgerEventKinds.PlanImported}'", """
            INSERT INTO plan(id, header) VALUES(NEW.plan_id, NEW.number) ON CONFLICT(id) DO UPDATE SET header = excluded.header;
            """),
        ("plan_operation", $"'{LedgerEventKinds.PlanOperation}'", """
            INSERT INTO plan_operation(plan_id, number, risk, needs_review, event, issue_id)
                VALUES(NEW.plan_id, json_extract(NEW.data, '$.number'), json_extract(NEW.data, '$.risk'),
                    coalesce(json_extract(NEW.data, '$.needs_review'), 0), NEW.number, json_extract(NEW.data, '$.issue_id'))
                ON CONFLICT(plan_id, number) DO UPDATE SET
                    risk = excluded.risk, needs_review = excluded.needs_review, event = excluded.event, issue_id = excluded.issue_id;
            """),
        ("execution_started", $"'{LedgerEventKinds.ExecutionStarted}'", """
            INSERT INTO execution(id, plan_id, started, status, undoes)
                VALUES(NEW.execution_id, coalesce(NEW.plan_id, json_extract(NEW.data, '$.plan_id')), NEW.number, 'running',
                    json_extract(NEW.data, '$.undoes'))
                ON CONFLICT(id) DO UPDATE SET status = 'running', finished = NULL;
            """),
        ("execution_resumed", $"'{LedgerEventKinds.ExecutionResumed}'", """
            UPDATE execution SET status = 'running', finished = NULL WHERE id = NEW.execution_id;
            """),
        ("backup", $"'{LedgerEventKinds.BackupSaved}'", """
            UPDATE execution SET backup_path = json_extract(NEW.data, '$.path') WHERE id = NEW.execution_id;
            """),
        ("execution_finished", $"'{LedgerEventKinds.ExecutionFinished}'", """
            UPDATE execution SET status = json_extract(NEW.data, '$.status'), finished = NEW.number WHERE id = NEW.execution_id;
            UPDATE execution SET status = 'undone', undone_by = NEW.execution_id
                WHERE json_extract(NEW.data, '$.status') = 'completed'
                    AND id = (SELECT undoes FROM execution WHERE id = NEW.execution_id)
                    AND (EXISTS(SELECT 1 FROM operation_result WHERE execution_id = NEW.execution_id AND outcome IN ('applied', 'already_applied'))
                        OR NOT EXISTS(SELECT 1 FROM operation_result WHERE execution_id = NEW.execution_id));
            """),
        ("operation_result", $"'{LedgerEventKinds.OperationFinished}'", """
            INSERT INTO operation_result(execution_id, number, type, outcome, duration_ms, event)
                VALUES(NEW.execution_id, json_extract(NEW.data, '$.number'), json_extract(NEW.data, '$.type'),
                    json_extract(NEW.data, '$.outcome'), coalesce(json_extract(NEW.data, '$.duration_ms'), 0), NEW.number)
                ON CONFLICT(execution_id, number) DO UPDATE SET
                    type = excluded.type, outcome = excluded.outcome, duration_ms = excluded.duration_ms, event = excluded.event;
            """),
        ("lease_acquired", $"'{LedgerEventKinds.LeaseAcquired}'", """
            INSERT INTO lease(store, holder, owner, expires_at)
                VALUES(NEW.store, json_extract(NEW.data, '$.holder'), json_extract(NEW.data, '$.owner'), json_extract(NEW.data, '$.expires_at'))
                ON CONFLICT(store) DO UPDATE SET holder = excluded.holder, owner = excluded.owner, expires_at = excluded.expires_at;
            """),
        ("lease_released", $"'{LedgerEventKinds.LeaseReleased}'", """
            DELETE FROM lease WHERE store = NEW.store AND holder = json_extract(NEW.data, '$.holder');
            """),
        .. IssueRules.All,
        ("health", $"'{LedgerEventKinds.HealthChecked}'", """
            DELETE FROM health WHERE store = NEW.store AND at < NEW.subject;
            INSERT INTO health(store, at, event, score, documents, size)
                VALUES(NEW.store, NEW.at, NEW.number, json_extract(NEW.data, '$.health_score'), json_extract(NEW.data, '$.total_documents'),
                    json_extract(NEW.data, '$.database_size'));
            """),
    ];

    /// <summary>The names of the tables of present state.</summary>
    public static IEnumerable<string> StateTables => States.Select(state => state.Name);

    /// <summary>All of an empty ledger.</summary>
    public static string Create()
    {
        var sql = new StringBuilder(Events);
        AppendProjections(sql);
        return sql.AppendLine($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};").ToString();
    }

    /// <summary>Brings the present state of an older ledger into this version's form, from its events, within the caller's transaction.</summary>
    public static string Upgrade()
    {
        var sql = new StringBuilder();
        foreach (var (name, _, _) in Rules)
        {
            sql.AppendLine($"DROP TRIGGER IF EXISTS main.project_{name};");
        }

        foreach (var name in StateTables)
        {
            sql.AppendLine($"DROP TABLE IF EXISTS main.{name};");
        }

        AppendProjections(sql);
        AppendReplay(sql);
        return sql.AppendLine($"DROP VIEW temp.replay; PRAGMA user_version = {Version};").ToString();
    }

    /// <summary>Makes the present state anew from the events, within the caller's transaction.</summary>
    public static string Rebuild()
    {
        var sql = new StringBuilder();
        foreach (var name in StateTables)
        {
            sql.AppendLine($"DELETE FROM main.{name};");
        }

        AppendReplay(sql);
        return sql.AppendLine("DROP VIEW temp.replay;").ToString();
    }

    /// <summary>
    /// Replays the events into temporary tables of the same names, which shadow the real ones for the rules; for a connection that
    /// is closed afterwards. Nothing is written to the ledger.
    /// </summary>
    public static string Shadow()
    {
        var sql = new StringBuilder();
        AppendStates(sql, "TEMP ");
        AppendReplay(sql);
        return sql.ToString();
    }

    /// <summary>How many rows of a table differ from the replay's.</summary>
    public static string Difference(string table) => $"""
        SELECT (SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM temp.{table}))
             + (SELECT count(*) FROM (SELECT * FROM temp.{table} EXCEPT SELECT * FROM main.{table}))
        """;

    private static void AppendProjections(StringBuilder sql)
    {
        AppendStates(sql, string.Empty);
        foreach (var (name, kinds, body) in Rules)
        {
            sql.AppendLine($"CREATE TRIGGER project_{name} AFTER INSERT ON event WHEN NEW.kind IN ({kinds}) BEGIN {body} END;");
        }
    }

    private static void AppendStates(StringBuilder sql, string scope)
    {
        foreach (var (name, columns) in States)
        {
            sql.AppendLine($"CREATE {scope}TABLE {name}({columns}) WITHOUT ROWID;");
        }
    }

    // A view with INSTEAD OF triggers takes the events without keeping them. Sensitive values stay where they are: no rule needs them.
    private static void AppendReplay(StringBuilder sql)
    {
        const string Columns = "number, at, kind, store, scan_id, plan_id, execution_id, subject, data";
        sql.AppendLine($"CREATE TEMP VIEW replay AS SELECT {Columns} FROM main.event WHERE 0;");
        foreach (var (name, kinds, body) in Rules)
        {
            sql.AppendLine($"CREATE TEMP TRIGGER replay_{name} INSTEAD OF INSERT ON replay WHEN NEW.kind IN ({kinds}) BEGIN {body} END;");
        }

        sql.AppendLine($"INSERT INTO temp.replay({Columns}) SELECT {Columns} FROM main.event ORDER BY number;");
    }
}
