using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Backups and restores of a SQLite database, killed as processes at moments spread over all of a run.</summary>
public sealed class SqliteKillTests : IDisposable
{
    private const int Moments = 16;
    private const string Sum = "SELECT count(*) || ' ' || sum(n) FROM t";
    private readonly CliFolder cli = new(5);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_restore_killed_at_any_moment_leaves_the_old_rows_with_their_log_or_the_new_ones_and_a_resume_ends_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Run(cli.At("app.db"), "PRAGMA journal_mode = wal; CREATE TABLE t(n, body); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20000) INSERT INTO t SELECT n, hex(randomblob(100)) FROM r");
        (await cli.RunAsync("backup", "app.db", "--to", "backups")).Expect(0);
        using (var application = Open(cli.At("app.db")))
        {
            Execute(application, "PRAGMA wal_autocheckpoint = 0; DELETE FROM t WHERE n > 40");
            File.Copy(cli.At("app.db"), cli.At("old.db"));
            File.Copy(cli.At("app.db-wal"), cli.At("old.db-wal"));
        }

        string[] restore = ["restore", "backups", "--to", "work.db", "--overwrite", "--confirm", "--output", "json"];
        Reset();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var whole = (await cli.RunAsync(restore)).Expect(0).Json;
        var lasts = watch.Elapsed;
        Assert.Equal("20000 200010000", Read("work.db"));
        (await cli.RunAsync("undo", whole.GetProperty("execution_id").GetString()!, "--confirm")).Expect(0);
        Assert.Equal("40 820", Read("work.db"));

        for (var moment = 0; moment < Moments; moment++)
        {
            Reset();
            var result = await cli.KillAsync(lasts * moment / Moments, [], restore);
            Assert.Contains(Read("work.db"), new[] { "40 820", "20000 200010000" });
            var execution = await cli.UnfinishedAsync();
            var ended = (await cli.RunAsync(execution is null ? restore : ["repair", "--resume", execution, "--confirm"])).Expect(0);
            Assert.True(Read("work.db") == "20000 200010000", $"moment {moment}: {ended.Output}");
        }

        Assert.Empty(Directory.GetFiles(cli.Path, "*.tmp"));
        (await cli.RunAsync("audit", "verify")).Expect(0);
    }

    [SkippableFact]
    public async Task A_backup_killed_at_any_moment_leaves_the_database_as_it_is_and_no_backup_or_a_whole_one()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Run(cli.At("app.db"), "PRAGMA journal_mode = wal; CREATE TABLE t(n, body); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20000) INSERT INTO t SELECT n, hex(randomblob(100)) FROM r");
        string[] backup = ["backup", "app.db", "--to", "backups", "--keep-days", "0"];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await cli.RunAsync(backup)).Expect(0);
        var lasts = watch.Elapsed;
        for (var moment = 0; moment < Moments; moment++)
        {
            await cli.KillAsync(lasts * moment / Moments, [], backup);

            Assert.Equal("20000 200010000", Read("app.db"));
            var listed = (await cli.RunAsync("backup", "list", "backups", "--output", "json")).Expect(0).Json;
            Assert.NotEqual(0, listed.GetArrayLength());
            (await cli.RunAsync("backup", "test", "backups")).Expect(0);
        }

        // Half a file of a dead process goes with the next run.
        (await cli.RunAsync(backup)).Expect(0);
        Assert.Empty(Directory.GetFiles(cli.At("backups"), "*.tmp"));
    }

    [SkippableFact]
    public async Task An_installation_of_a_summary_killed_at_any_moment_fails_no_insert_and_ends_in_the_same_state_when_run_again()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Run(cli.At("old.db"), Events + "; PRAGMA journal_mode = wal; WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20000) "
            + "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) SELECT 'corruption', 'c' || (n % 3000), iif(n <= 3000, 'CorruptionDetected', 'SearchFailed'), '{\"file_path\":\"/a\"}' FROM r;"
            + "PRAGMA wal_checkpoint(TRUNCATE)");
        string[] install = ["summary", "install", "work.db", "--definition", "healarr", "--confirm"];
        ResetEvents();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await cli.RunAsync(install)).Expect(0);
        var lasts = watch.Elapsed;
        var schema = Ask("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master ORDER BY name)");
        var killed = 0;
        for (var moment = 0; moment < Moments; moment++)
        {
            ResetEvents();
            using var stop = new CancellationTokenSource();
            var application = Task.Run(() => Insert(stop.Token));
            killed += await cli.KillAsync(lasts * moment / Moments, [], install) is null ? 1 : 0;
            await stop.CancelAsync();
            var inserted = await application;
            var execution = await cli.UnfinishedAsync();
            (await cli.RunAsync(execution is null ? install : ["repair", "--resume", execution, "--confirm"])).Expect(0);

            Run(cli.At("work.db"), OneEvent);
            Assert.Equal($"{20000 + inserted + 1}", Ask("SELECT '' || count(*) FROM events"));
            Assert.Equal("1", Ask("SELECT '' || retry_count FROM corruption_summary WHERE corruption_id = 'late'"));
            Assert.Equal(schema, Ask("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master ORDER BY name)"));
            (await cli.RunAsync("summary", "test", "work.db")).Expect(0);
        }

        Assert.True(killed > Moments / 2, $"only {killed} of {Moments} were killed before their end");
        (await cli.RunAsync("audit", "verify")).Expect(0);
    }

    private const string Events = "CREATE TABLE events(id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL, event_data JSON, "
        + "event_version INTEGER DEFAULT 1, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, user_id TEXT)";

    private const string OneEvent = "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES('corruption', 'late', 'SearchFailed', '{}')";

    // As an application does, which waits for a lock and knows nothing of us.
    private int Insert(CancellationToken stop)
    {
        using var connection = Open(cli.At("work.db"));
        var count = 0;
        for (; !stop.IsCancellationRequested; count++)
        {
            Execute(connection, OneEvent.Replace("'late'", "'c1'", StringComparison.Ordinal));
        }

        return count;
    }

    private string Ask(string query)
    {
        using var connection = Open(cli.At("work.db"));
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return (string)command.ExecuteScalar()!;
    }

    private void ResetEvents()
    {
        foreach (var file in Directory.GetFiles(cli.Path, "work.db*"))
        {
            File.Delete(file);
        }

        File.Copy(cli.At("old.db"), cli.At("work.db"));
    }

    private void Reset()
    {
        foreach (var file in Directory.GetFiles(cli.Path, "work.db*"))
        {
            File.Delete(file);
        }

        File.Copy(cli.At("old.db"), cli.At("work.db"));
        File.Copy(cli.At("old.db-wal"), cli.At("work.db-wal"));
    }

    // What an application finds, in a copy: the files themselves stay as the killed run left them.
    private string Read(string name)
    {
        var copy = Directory.CreateDirectory(cli.At(Guid.NewGuid().ToString("N"))).FullName;
        foreach (var file in Directory.GetFiles(cli.Path, name + "*").Where(file => file.EndsWith(".db", StringComparison.Ordinal) || file.EndsWith("-wal", StringComparison.Ordinal) || file.EndsWith("-journal", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var connection = Open(Path.Combine(copy, name));
        using var command = connection.CreateCommand();
        command.CommandText = Sum;
        return (string)command.ExecuteScalar()!;
    }

    private static SqliteConnection Open(string path)
    {
        Sqlite.SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Run(string path, string sql)
    {
        using var connection = Open(path);
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
