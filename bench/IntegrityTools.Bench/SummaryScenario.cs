using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Bench;

/// <summary>
/// What a summary gives and what it costs, beside the view that it replaces and the trigger that its project shipped: in this process, by the calls that an application
/// makes, since a process's start would hide microseconds.
/// </summary>
internal sealed class SummaryScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int Aggregates = 10_000;
    private const int EventsOfEach = 10;
    private const int Committed = 2_000;
    private const int Looks = 200;
    private const string State = "VerificationSuccess";

    private const string Insert = "INSERT INTO events (aggregate_type, aggregate_id, event_type, event_data, event_version, created_at) VALUES ('corruption', $id, $type, $data, 1, $at)";

    private const string Events = """
        CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL,
          event_data JSON NOT NULL, event_version INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, user_id TEXT);
        CREATE INDEX idx_aggregate ON events(aggregate_type, aggregate_id);
        CREATE INDEX idx_event_type ON events(event_type);
        CREATE INDEX idx_created_at ON events(created_at);
        CREATE INDEX idx_events_aggregate_event ON events(aggregate_id, event_type);
        """;

    /// <summary>The view that the summary replaces: a subquery for each column of each aggregate.</summary>
    private static readonly string View = "CREATE VIEW corruption_status AS SELECT aggregate_id AS corruption_id, "
        + string.Join(", ", new (string Column, string Value, string Which)[]
        {
            ("current_state", "event_type", "ORDER BY id DESC LIMIT 1"),
            ("retry_count", "count(*)", "AND s.event_type LIKE '%Failed'"),
            ("file_path", "json_extract(event_data, '$.file_path')", "AND s.event_type = 'CorruptionDetected' LIMIT 1"),
            ("path_id", "json_extract(event_data, '$.path_id')", "AND s.event_type = 'CorruptionDetected' LIMIT 1"),
            ("last_error", "json_extract(event_data, '$.error')", "ORDER BY id DESC LIMIT 1"),
            ("corruption_type", "json_extract(event_data, '$.corruption_type')", "AND s.event_type = 'CorruptionDetected' LIMIT 1"),
        }.Select(column => $"(SELECT {column.Value} FROM events AS s WHERE s.aggregate_id = e.aggregate_id {column.Which}) AS {column.Column}"))
        + ", min(created_at) AS detected_at, max(created_at) AS last_updated_at FROM events AS e WHERE aggregate_type = 'corruption' GROUP BY aggregate_id";

    /// <summary>The table and the trigger as the project shipped them: each event reads its aggregate's others again.</summary>
    private static readonly string Shipped = $"""
        CREATE TABLE corruption_summary (corruption_id TEXT PRIMARY KEY, current_state TEXT NOT NULL, retry_count INTEGER DEFAULT 0, file_path TEXT, path_id INTEGER,
          last_error TEXT, corruption_type TEXT, detected_at TIMESTAMP, last_updated_at TIMESTAMP);
        CREATE INDEX idx_corruption_summary_state ON corruption_summary(current_state);
        CREATE INDEX idx_corruption_summary_path ON corruption_summary(path_id);
        CREATE TRIGGER update_corruption_summary AFTER INSERT ON events WHEN NEW.aggregate_type = 'corruption'
        BEGIN
          INSERT OR REPLACE INTO corruption_summary SELECT NEW.aggregate_id, NEW.event_type,
            (SELECT count(*) FROM events WHERE aggregate_id = NEW.aggregate_id AND event_type LIKE '%Failed'),
            {Read("file_path")}, {Read("path_id")}, json_extract(NEW.event_data, '$.error'), {Read("corruption_type")},
            coalesce((SELECT detected_at FROM corruption_summary WHERE corruption_id = NEW.aggregate_id), NEW.created_at), NEW.created_at;
        END;
        """;

    /// <summary>What any trigger costs: SQLite then notes each page that the insert changes, so that the whole statement can be taken back.</summary>
    private const string Nothing = "CREATE TRIGGER idle AFTER INSERT ON events WHEN NEW.aggregate_type = 'corruption' BEGIN SELECT 1; END";

    /// <summary>The settings of the application's connection; a statement's journal that once grew over 64 KiB lies in a temporary file from then on, unless those are kept in memory.</summary>
    private const string Durable = "PRAGMA synchronous = FULL";
    private const string InMemory = Durable + "; PRAGMA temp_store = MEMORY";

    private static readonly string[] Types =
    [
        "CorruptionDetected", "RemediationQueued", "DeletionStarted", "DeletionCompleted", "SearchStarted", "SearchFailed", "SearchCompleted", "VerificationStarted", "VerificationFailed", State,
    ];

    /// <summary>Measures the count, and the insert in one transaction and in transactions of its own.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        var cli = IntegrityCli.Publish(server, scratch);
        void Install(string path) => ProcessMeter.Run(cli.Plain("summary", "install", path, "--definition", "healarr", "--confirm", "--quiet", "--ledger", cli.NewLedger()));
        (string Name, Action<string> Prepare, string Settings)[] kinds =
        [
            ("no summary", _ => { }, Durable),
            ("integrity's trigger", Install, Durable),
            ("the shipped trigger", path => Run(path, Shipped), Durable),
            ("a trigger that does nothing", path => Run(path, Nothing), Durable),
            ("no summary, temp_store = MEMORY", _ => { }, InMemory),
            ("integrity's trigger, temp_store = MEMORY", Install, InMemory),
            ("a trigger that does nothing, temp_store = MEMORY", path => Run(path, Nothing), InMemory),
        ];
        var large = kinds.Select(_ => new List<Measurement>()).ToArray();
        var small = kinds.Select(_ => new List<Measurement>()).ToArray();
        var (table, view) = (new List<Measurement>(), new List<Measurement>());
        for (var round = 0; round <= options.Runs; round++)
        {
            for (var kind = 0; kind < kinds.Length; kind++)
            {
                var path = Path.Combine(scratch, $"summary-{round}-{kind}.db");
                Run(path, "PRAGMA journal_mode = WAL;" + Events + View);
                kinds[kind].Prepare(path);
                var whole = Measure(() => InsertAll(path, kinds[kind].Settings));
                var each = Measure(() => InsertEach(path, kinds[kind].Settings));
                await Console.Error.WriteLineAsync(FormattableString.Invariant(
                    $"  run {round}  {kinds[kind].Name}: {whole.Cpu / Aggregates / EventsOfEach * 1e6:F1} µs CPU an insert in one transaction, {each.Wall / Committed * 1e6:F0} µs where each commits")).ConfigureAwait(false);
                if (round > 0)
                {
                    large[kind].Add(whole);
                    small[kind].Add(each);
                }

                if (kind == 1 && round > 0)
                {
                    table.Add(Measure(() => Count(path, "corruption_summary", Looks), Looks));
                    view.Add(Measure(() => Count(path, "corruption_status", 1)));
                }

                File.Delete(path);
            }
        }

        return Result(kinds.Select(kind => kind.Name).ToList(), large, small, table, view);
    }

    private static ScenarioResult Result(List<string> names, List<Measurement>[] large, List<Measurement>[] small, List<Measurement> table, List<Measurement> view)
    {
        Series[] atOnce = [.. names.Select((name, kind) => new Series($"{Aggregates * EventsOfEach:N0} inserts in one transaction, {name}", [Insert], large[kind]))];
        Series[] each = [.. names.Select((name, kind) => new Series($"{Committed:N0} inserts, each committed, {name}", [Insert], small[kind]))];
        Series[] counts = [new("one count by state, the table", [Query("corruption_summary")], table), new("one count by state, the view", [Query("corruption_status")], view)];
        return new ScenarioResult(
            "summary",
            string.Create(CultureInfo.InvariantCulture, $"{Aggregates:N0} aggregates of {EventsOfEach} events, in WAL mode with synchronous=FULL; wall time of {Committed:N0} commits, processor time of the large transaction."),
            [.. atOnce, .. each, .. counts],
            [
                new Verdict("count by state from the table", counts[0].Wall * 1000, 0.2, "ms"),
                new Verdict("the table over the view", counts[0].Wall / counts[1].Wall, 0.001, "times"),
                new Verdict("our trigger's cost over the insert's, one transaction", (atOnce[1].Cpu - atOnce[0].Cpu) / atOnce[0].Cpu, 1, "times"),
                new Verdict("our trigger's cost over the insert's, each committed", (each[1].Wall - each[0].Wall) / each[0].Wall, 0.1, "times"),
                new Verdict("our trigger's cost over the shipped one's, one transaction", (atOnce[1].Cpu - atOnce[0].Cpu) / (atOnce[2].Cpu - atOnce[0].Cpu), 1, "times"),
                new Verdict("our trigger's cost over the insert's, one transaction, temp_store = MEMORY", (atOnce[5].Cpu - atOnce[4].Cpu) / atOnce[4].Cpu, 1, "times"),
            ],
            []);
    }

    private static string Read(string member) =>
        $"coalesce(json_extract(NEW.event_data, '$.{member}'), (SELECT json_extract(event_data, '$.{member}') FROM events WHERE aggregate_id = NEW.aggregate_id AND event_type = 'CorruptionDetected' LIMIT 1))";

    private static string Query(string table) => $"SELECT count(*) FROM {table} WHERE current_state = '{State}'";

    private static Measurement Measure(Action work, int times = 1)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        work();
        var wall = watch.Elapsed.TotalSeconds;
        process.Refresh();
        return new Measurement(wall / times, (process.TotalProcessorTime - before).TotalSeconds / times, process.PeakWorkingSet64 / 1e6);
    }

    private static void Count(string path, string table, int times)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = Query(table);
        command.CommandTimeout = 0;
        for (var time = 0; time < times; time++)
        {
            command.ExecuteScalar();
        }
    }

    private static void InsertAll(string path, string settings)
    {
        using var connection = Open(path, settings);
        using var transaction = connection.BeginTransaction();
        using var inserter = new Inserter(connection, transaction);
        for (var number = 0; number < Aggregates * EventsOfEach; number++)
        {
            // Round and round, as many go on side by side; the last is not the same for all, so that some states are many and some few.
            inserter.Run(number % Aggregates, Types[(number / Aggregates + (number % 7 == 0 ? 3 : 0)) % Types.Length]);
        }

        transaction.Commit();
    }

    private static void InsertEach(string path, string settings)
    {
        using var connection = Open(path, settings);
        using var inserter = new Inserter(connection, null);
        for (var number = 0; number < Committed; number++)
        {
            inserter.Run(number * 7919 % Aggregates, Types[number % Types.Length]);
        }
    }

    private static void Run(string path, string statements)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path, string settings = Durable)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = settings;
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>One prepared insert, as an application keeps it.</summary>
    private sealed class Inserter : IDisposable
    {
        private readonly SqliteCommand command;

        public Inserter(SqliteConnection connection, SqliteTransaction? transaction)
        {
            command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = Insert;
            foreach (var name in new[] { "$id", "$type", "$data", "$at" })
            {
                command.Parameters.Add(name, SqliteType.Text);
            }

            command.Prepare();
        }

        public void Run(int aggregate, string type)
        {
            command.Parameters[0].Value = string.Create(CultureInfo.InvariantCulture, $"{(uint)(aggregate * 2654435761L):x8}-5b1e-4b3a-9d1c-{aggregate:x12}");
            command.Parameters[1].Value = type;
            command.Parameters[2].Value = string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"file_path":"/media/tv/Some Show/Season 01/episode {{aggregate}}.mkv","path_id":{{aggregate % 20}},"corruption_type":"video_corrupt","error":"{{(type.EndsWith("Failed", StringComparison.Ordinal) ? "no source found" : string.Empty)}}"}""");
            command.Parameters[3].Value = "2026-01-05 01:18:00";
            command.ExecuteNonQuery();
        }

        public void Dispose() => command.Dispose();
    }
}
