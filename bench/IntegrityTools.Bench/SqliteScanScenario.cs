using System.Globalization;

namespace IntegrityTools.Bench;

/// <summary>A scan of a SQLite database beside SQLite's own shell with the same checks: pages, indexes, foreign keys.</summary>
internal sealed class SqliteScanScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int Rows = 1_000_000;

    /// <summary>Measures a sound database in WAL mode.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        if (Tools.Find("sqlite3") is not { } shell)
        {
            return new ScenarioResult("sqlite-scan", "A sound SQLite database.", [], [], ["sqlite3"]);
        }

        var database = Path.Combine(scratch, "scan.db");
        ProcessMeter.Run(new Command(shell, [database, string.Create(CultureInfo.InvariantCulture, $"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), note TEXT);
            CREATE INDEX purchase_customer ON purchase (customer_id);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows / 10}) INSERT INTO customer SELECT i, 'customer ' || i FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows}) INSERT INTO purchase SELECT i, 1 + i % {Rows / 10}, hex(randomblob(100)) FROM n;
            """)]));
        var cli = IntegrityCli.Publish(server, scratch);
        var series = await Comparison.RunAsync(
            [
                new Contender("integrity scan", () => Task.FromResult<IReadOnlyList<Command>>([cli.Plain("scan", database, "--ledger", cli.NewLedger())])),
                Contender.Of("sqlite3, integrity_check and foreign_key_check", new Command(shell, [database, "PRAGMA integrity_check; PRAGMA foreign_key_check;"])),
            ],
            options.Runs).ConfigureAwait(false);
        return new ScenarioResult(
            "sqlite-scan",
            string.Create(CultureInfo.InvariantCulture, $"A sound SQLite database of {Rows:N0} rows, {new FileInfo(database).Length / 1e6:N0} MB."),
            series,
            [new Verdict("integrity over sqlite3, wall time", series[0].Wall / series[1].Wall, 1.5, "times")],
            []);
    }
}
