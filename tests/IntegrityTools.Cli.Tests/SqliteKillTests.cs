using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Backups and restores of a SQLite database, killed as processes at moments spread over all of a run.</summary>
public sealed class SqliteKillTests : IDisposable
{
    private const int Moments = 24;
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
