using System.Globalization;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Summaries from the command line, and an installation that is killed.</summary>
public sealed class SummaryTests : IDisposable
{
    private const int Events = 40_000;
    private const int Kills = 8;
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task It_is_installed_tested_updated_and_optimized()
    {
        Create(100);
        Assert.Contains("would be", (await cli.RunAsync("optimize", "app.db")).Expect(0).Output, StringComparison.Ordinal);
        (await cli.RunAsync("summary", "install", "app.db", "--definition", "healarr")).Expect(0);
        Assert.Equal("0", Ask("SELECT count(*) FROM sqlite_master WHERE name = 'corruption_summary'"));
        (await cli.RunAsync("summary", "test", "app.db", "--definition", "healarr")).Expect(3);
        (await cli.RunAsync("summary", "install", "app.db", "--definition", "healarr", "--confirm")).Expect(0);
        (await cli.RunAsync("summary", "test", "app.db")).Expect(0);
        Ask("UPDATE corruption_summary SET current_state = 'x' WHERE corruption_id = 'c1'");
        var tested = (await cli.RunAsync("summary", "test", "app.db", "--output", "json")).Expect(3).Json;
        Assert.Equal((1, 1), (tested.GetProperty("drifted_rows").GetInt32(), tested.GetProperty("drifted_values").GetInt32()));
        Assert.Equal("corruption_summary/c1", (await cli.RunAsync("scan", "app.db", "--type", "summary_drift", "--output", "jsonl")).Expect(0).JsonLines.Single().GetProperty("subject").GetString());
        (await cli.RunAsync("summary", "update", "app.db", "--confirm")).Expect(0);
        (await cli.RunAsync("summary", "test", "app.db")).Expect(0);
        Ask("DELETE FROM corruption_summary WHERE corruption_id <> 'c1'");
        Assert.Contains(": 1 row, ", (await cli.RunAsync("summary", "test", "app.db")).Expect(3).Output, StringComparison.Ordinal);
        Assert.Contains("optimize", (await cli.RunAsync("optimize", "app.db", "--confirm")).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_a_summary_has_nothing_to_test_and_no_scan_of_it_is_recorded()
    {
        Create(3);
        foreach (var verb in new[] { "test", "update" })
        {
            var none = (await cli.RunAsync("summary", verb, "app.db")).Expect(2);
            Assert.Contains("the database has no summary", none.Error, StringComparison.Ordinal);
            Assert.Contains("healarr", none.Error, StringComparison.Ordinal);
        }

        Assert.Empty((await cli.RunAsync("reports", "list", "--all-stores", "--output", "json")).Expect(0).Json.GetProperty("scans").EnumerateArray());
    }

    [Fact]
    public async Task What_is_wrong_with_a_definition_is_told_with_its_place()
    {
        Create(1);
        File.WriteAllText(cli.At("wrong.yaml"), "events:\n  table: event\nsummary:\n  tabel: x\n");
        var refused = (await cli.RunAsync("summary", "install", "app.db", "--definition", "wrong.yaml")).Expect(2);
        Assert.Contains("wrong.yaml:4:3", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'table'?", refused.Error, StringComparison.Ordinal);
        (await cli.RunAsync("summary", "install", "demo.jsonl", "--definition", "healarr")).Expect(2);
    }

    [SkippableFact]
    public async Task An_installation_that_is_killed_at_any_moment_is_there_whole_or_not_at_all_and_goes_on_from_there()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Create(Events);
        var schema = Schema();
        var random = new Random(7);
        for (var kill = 0; kill < Kills; kill++)
        {
            await cli.KillAsync(TimeSpan.FromMilliseconds(random.Next(200, 2500)), [], "summary", "install", "app.db", "--definition", "healarr", "--confirm");
            var now = Schema();
            Assert.True(now == schema || now.Contains("corruption_summary_follows_events", StringComparison.Ordinal), now);
            if (now != schema)
            {
                (await cli.RunAsync("summary", "test", "app.db", "--definition", "healarr")).Expect(0);
            }

            if (await cli.UnfinishedAsync() is { } execution)
            {
                (await cli.RunAsync("repair", "--resume", execution, "--confirm")).Expect(0);
                (await cli.RunAsync("summary", "test", "app.db")).Expect(0);
                (await cli.RunAsync("undo", execution, "--confirm")).Expect(0);
                Assert.Equal(schema, Schema());
            }
            else if (now != schema)
            {
                (await cli.RunAsync("undo", await cli.LastExecutionAsync(), "--confirm")).Expect(0);
                Assert.Equal(schema, Schema());
            }
        }

        Assert.Equal("ok", Ask("PRAGMA integrity_check"));
        (await cli.RunAsync("audit", "verify")).Expect(0);
    }

    private void Create(int events) => Ask(string.Create(CultureInfo.InvariantCulture, $$"""
        CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL,
          event_data JSON NOT NULL, event_version INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, user_id TEXT);
        CREATE INDEX idx_aggregate ON events(aggregate_type, aggregate_id);
        CREATE VIEW corruption_status AS SELECT DISTINCT aggregate_id AS corruption_id FROM events;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{events}})
          INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) SELECT 'corruption', 'c' || (i % ({{events}} / 10 + 1)), 'SearchFailed', '{"error":"' || i || '"}' FROM n;
        """));

    private string Schema() => Ask("SELECT group_concat(type || name || sql, char(10)) FROM (SELECT * FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name)");

    private string Ask(string query)
    {
        SqliteRuntime.Initialize();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = cli.At("app.db"), Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }
}
