using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Every verb that takes a SQLite file, as a process of its own, while two other processes commit to it.</summary>
public sealed class BusyDatabaseTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE pair(writer TEXT, serial INTEGER, side INTEGER);
        CREATE TABLE events(id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL, event_data JSON,
            event_version INTEGER DEFAULT 1, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, user_id TEXT);
        CREATE TRIGGER tells AFTER INSERT ON pair BEGIN
            INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES('corruption', NEW.writer || NEW.serial % 40, iif(NEW.side, 'SearchFailed', 'CorruptionDetected'), '{"file_path":"/a"}');
        END;
        CREATE TABLE parent(id INTEGER PRIMARY KEY);
        CREATE TABLE child(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id));
        CREATE INDEX child_parent ON child(parent_id);
        INSERT INTO child VALUES (1, 12345);
        CREATE TABLE filler(b);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO filler SELECT randomblob(1500) FROM n;
        """;

    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData("wal", 1)]
    [InlineData("delete", 20)]
    public async Task Every_verb_does_its_work_or_is_refused_beside_writers_and_costs_them_no_commit(string mode, int pause)
    {
        OddDatabase.Run(cli.At("app.db"), $"PRAGMA journal_mode = {mode}; {Schema}");
        var writers = Enumerable.Range(0, 2).Select(number => Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "SqliteSession.dll"), cli.At("app.db"), $"w{number}", $"{pause}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!).ToList();
        var told = new List<string[]>();
        try
        {
            for (var waited = Stopwatch.StartNew(); Ask("SELECT count(DISTINCT writer) FROM pair") != 2; await Task.Delay(20))
            {
                Assert.All(writers, writer => Assert.False(writer.HasExited));
                Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1), "The writers have not written.");
            }

            await RunAsync(0, "scan", "app.db");
            await RunAsync(0, "plan", "app.db");
            await RunAsync(0, "health", "app.db", "--fail-on", "unhealthy");
            await RunAsync(0, "backup", "app.db", "--to", "backups");
            await RunAsync(0, "backup", "test", "backups");
            await RunAsync(0, "summary", "install", "app.db", "--definition", "healarr", "--confirm");
            await RunAsync(0, "summary", "test", "app.db");
            await RunAsync(0, "summary", "update", "app.db", "--confirm");
            await RunAsync(0, "resolve", "app.db", "--type", "foreign_key_violation", "--confirm");
            Assert.Equal(0, Ask("SELECT count(*) FROM child WHERE parent_id IS NOT NULL"));
            await RunAsync(0, "undo", await cli.LastExecutionAsync(), "--confirm");
            Assert.Equal(12345, Ask("SELECT parent_id FROM child"));
            await RunAsync(0, "optimize", "app.db", "--confirm");
            await RunAsync(0, "salvage", "app.db", "--to", "new.db");

            // Whoever has it open would go on with the old file.
            var refused = await RunAsync(OperatingSystem.IsWindows() ? 1 : 4, "restore", "backups", "--to", "app.db", "--overwrite", "--confirm");
            Assert.Contains("open", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var writer in writers)
            {
                writer.StandardInput.Close();
                told.Add((await writer.StandardOutput.ReadToEndAsync()).Trim().Split(' '));
                await writer.WaitForExitAsync();
                writer.Dispose();
            }
        }

        Assert.All(told, one => Assert.Equal("0", one[1]));
        Assert.Equal(2 * told.Sum(one => long.Parse(one[0], CultureInfo.InvariantCulture)), Ask("SELECT count(*) FROM pair"));
        Assert.Equal(1, Ask("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"));
        await RunAsync(0, "summary", "test", "app.db");
        await RunAsync(0, "audit", "verify");
    }

    private async Task<CliResult> RunAsync(int code, params string[] arguments)
    {
        var result = await cli.RunAsync(arguments);
        var all = $"{string.Join(' ', arguments)}: exit code {result.Code}\n{result.Output}\n{result.Error}";
        Assert.True(code == result.Code, all);
        Assert.False(all.Contains("   at ", StringComparison.Ordinal) || all.Contains("Unexpected", StringComparison.Ordinal), all);
        return result;
    }

    private long Ask(string query)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = cli.At("app.db"), Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return (long)command.ExecuteScalar()!;
    }
}
