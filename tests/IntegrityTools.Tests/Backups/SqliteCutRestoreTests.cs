using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Tests.Repair;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Backups;

/// <summary>Restores that end before one of their changes of the files: what a reader finds then, what a resume and what an undo make of it.</summary>
public class SqliteCutRestoreTests
{
    private const string Sum = "SELECT count(*) || ' ' || total(n) FROM t";

    public static TheoryData<string, string> Moments()
    {
        var moments = new TheoryData<string, string>();
        foreach (var state in new[] { "wal", "delete", "hot" })
        {
            foreach (var step in new[] { "settle", "companions", "file", "flush" })
            {
                moments.Add(state, step);
            }
        }

        return moments;
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Cut_off_at_any_moment_the_old_rows_with_their_log_or_the_new_ones_are_there(string state, string step)
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, state);

        var execution = await CutAsync(place, made, path, step);

        // A copy is opened, as an application would open the files: the files themselves stay for the resume.
        Assert.Equal(step == "flush" ? "100 5050" : "40 820", Read(place, path));
        AssertDone(await place.ResumeAsync(execution.Id));
        Assert.Equal("100 5050", Read(place, path));
        Assert.DoesNotContain(Directory.GetFiles(place.Folder), file => file.EndsWith(".tmp", StringComparison.Ordinal));

        await UndoAsync(place, execution);
        Assert.Equal("40 820", Read(place, path));
    }

    [Theory]
    [InlineData("wal", null)]
    [InlineData("hot", null)]
    [InlineData("wal", "companions")]
    [InlineData("hot", "file")]
    [InlineData("wal", "flush")]
    public async Task A_database_that_is_gone_and_whose_log_or_journal_was_left_could_not_be_restored(string state, string? step)
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, state);
        File.Delete(path);
        var left = path + (state == "wal" ? "-wal" : "-journal");
        var bytes = await File.ReadAllBytesAsync(left);

        string execution;
        if (step is null)
        {
            var report = await SqliteBackups.RestoreAsync(place, made, path);
            Assert.Equal((1L, true), (report.Written, report.Created));
            execution = report.ExecutionId!;
            var aside = Assert.Single(BackupFolder.Read(report.SetAside!).Files);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(report.SetAside!)!, aside.Name)));
        }
        else
        {
            execution = (await CutAsync(place, made, path, step)).Id;
            AssertDone(await place.ResumeAsync(execution));
        }

        Assert.Equal("100 5050", Read(place, path));
        Assert.Equal(0, DatabaseFiles.LengthOf(left));

        AssertDone(await place.RunAsync(await place.Engine.PlanUndoAsync(execution, null, record: true, default)));
        Assert.False(File.Exists(path));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(left));
    }

    [Fact]
    public async Task What_a_restore_had_moved_aside_was_in_no_list_when_it_was_cut_off_and_resumed()
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, "wal");
        var execution = await CutAsync(place, made, path, "file");
        AssertDone(await place.ResumeAsync(execution.Id));

        var aside = Assert.Single(await place.Engine.Backups.ListAsync(null, default), backup => backup.Mode == BackupMode.SetAside);

        Assert.Equal((await place.Engine.GetExecutionAsync(execution.Id, default)).BackupPath, aside.Path);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Cut_off_at_any_moment_it_can_be_taken_back_without_being_resumed(string state, string step)
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, state);

        await UndoAsync(place, await CutAsync(place, made, path, step));

        Assert.Equal("40 820", Read(place, path));
    }

    [Fact]
    public async Task A_kill_before_a_journal_that_was_done_with_had_gone_made_the_resume_take_the_database_for_a_changed_one()
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, "wal");
        byte[] wiped = [];

        // A process that ends without a kill takes the journal with it.
        var execution = await CutAsync(place, made, path, "companions", () => wiped = ReadShared(path + "-journal"));
        await File.WriteAllBytesAsync(path + "-journal", wiped);

        Assert.NotEmpty(wiped);
        AssertDone(await place.ResumeAsync(execution.Id));
        Assert.Equal("100 5050", Read(place, path));
    }

    [Fact]
    public async Task What_an_application_wrote_after_the_cut_is_not_overwritten_by_a_resume()
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, "wal");
        var execution = await CutAsync(place, made, path, "companions");
        Run(path, "INSERT INTO t VALUES(1000)");

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.ResumeAsync(execution.Id)).Outcome);

        Assert.Equal("41 1820", Read(place, path));
    }

    [Theory]
    [InlineData("settle")]
    [InlineData("companions")]
    [InlineData("file")]
    [InlineData("flush")]
    [InlineData("wal")]
    public async Task A_damaged_database_with_a_log_comes_back_by_undo_byte_for_byte(string step)
    {
        await using var place = new Workplace();
        var (path, made) = await MakeAsync(place, "wal");
        var bytes = await File.ReadAllBytesAsync(path);
        Array.Fill(bytes, (byte)0x5a, 0, 200);
        await File.WriteAllBytesAsync(path, bytes);
        var log = await File.ReadAllBytesAsync(path + "-wal");
        var execution = await CutAsync(place, made, path, step == "wal" ? "flush" : step);
        if (step == "wal")
        {
            var undo = await place.Engine.PlanUndoAsync(execution.Id, null, record: true, default);
            FileRestoration.Reached = reached => _ = reached == step ? throw new InvalidOperationException(step) : 0;
            await Assert.ThrowsAsync<InvalidOperationException>(() => place.RunAsync(undo).AsTask());
            FileRestoration.Reached = null;
            Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.ResumeAsync(place.Execution!.Id)).Outcome);
        }
        else
        {
            await UndoAsync(place, execution);
        }

        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
        Assert.Equal(log, await File.ReadAllBytesAsync(path + "-wal"));
    }

    private static async Task<RepairExecution> CutAsync(Workplace place, BackupManifest made, string path, string step, Action? before = null)
    {
        RepairExecution? execution = null;
        FileRestoration.Reached = reached =>
        {
            if (reached == step)
            {
                before?.Invoke();
                throw new InvalidOperationException(step);
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => place.Engine.Backups.RestoreAsync(
            new RestoreOptions { Backup = made.Path, Store = "sqlite:" + path, Overwrite = true, ExecutionChanged = changed => execution = changed }, default));
        FileRestoration.Reached = null;
        return execution!;
    }

    private static byte[] ReadShared(string path)
    {
        using var file = DatabaseFiles.Open(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static async Task UndoAsync(Workplace place, RepairExecution execution)
    {
        var undo = await place.Engine.PlanUndoAsync(execution.Id, null, record: true, default);
        AssertDone(await place.RunAsync(undo));
    }

    private static void AssertDone(IEnumerable<RepairResult> results) =>
        Assert.All(results, result => Assert.True(result.Outcome is OperationOutcome.Applied or OperationOutcome.AlreadyApplied, $"{result.Outcome}: {result.Message}"));

    /// <summary>A backup of 100 rows, and the database with 40 of them: the last change in the log only, or begun and not ended.</summary>
    private static async Task<(string Path, BackupManifest Made)> MakeAsync(Workplace place, string state)
    {
        SqliteRuntime.Initialize();
        var path = place.PathOf("app.db");
        Run(path, $"PRAGMA journal_mode = {(state == "wal" ? "wal" : "delete")}; CREATE TABLE t(n); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100) INSERT INTO t SELECT n FROM r");
        var made = await place.Engine.Backups.CreateAsync(new BackupOptions { Store = "sqlite:" + path, Folder = place.PathOf("backups") }, default);
        var killed = place.PathOf("killed.db");
        if (state == "delete")
        {
            Run(path, "DELETE FROM t WHERE n > 40");
            return (path, made);
        }

        if (state == "hot")
        {
            Run(path, "DELETE FROM t WHERE n > 40");
        }

        using (var application = Open(path))
        {
            // What a killed application leaves: its commits in the log, or half a transaction in the file.
            Execute(application, state == "wal" ? "PRAGMA wal_autocheckpoint = 0; DELETE FROM t WHERE n > 40" : "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; INSERT INTO t SELECT randomblob(3000) FROM t, t");
            foreach (var file in Directory.GetFiles(place.Folder, "app.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, killed + Path.GetFileName(file)["app.db".Length..]);
            }
        }

        Assert.True(File.Exists(killed + (state == "wal" ? "-wal" : "-journal")));
        return (killed, made);
    }

    private static string Read(Workplace place, string path)
    {
        var copy = place.PathOf(Guid.NewGuid().ToString("N"));
        foreach (var file in Directory.GetFiles(place.Folder, Path.GetFileName(path) + "*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, copy + Path.GetFileName(file)[Path.GetFileName(path).Length..]);
        }

        using var connection = Open(copy);
        using var command = connection.CreateCommand();
        command.CommandText = Sum;
        return ((string)command.ExecuteScalar()!).Replace(".0", string.Empty, StringComparison.Ordinal);
    }

    private static SqliteConnection Open(string path)
    {
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
