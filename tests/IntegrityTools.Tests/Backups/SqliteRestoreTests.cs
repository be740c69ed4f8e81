using System.Globalization;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Restores of SQLite databases, and their undo.</summary>
public class SqliteRestoreTests
{
    [Fact]
    public async Task A_restore_sets_the_present_files_aside_together_and_can_be_taken_back()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var made = await BackUpAsync(place, path);
        var backedUp = Dump(path);
        Run(path, "DELETE FROM pair WHERE serial > 10; PRAGMA wal_checkpoint; INSERT INTO pair VALUES('late', 5000, 1)");
        var later = Dump(path);

        var careful = await RestoreAsync(place, made, path);
        Assert.Equal([path], careful.Newer);
        Assert.Equal(0, careful.Written);
        Assert.Equal(later, Dump(path));

        var report = await RestoreAsync(place, made, path, overwrite: true);
        Assert.Equal(backedUp, Dump(path));

        var undo = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(undo)).Outcome);
        Assert.Equal(later, Dump(path));
        Assert.Equal("wal", Ask(path, "PRAGMA journal_mode"));

        // What was set aside is a backup as any other, too.
        await RestoreAsync(place, made, path, overwrite: true);
        await RestoreAsync(place, BackupFolder.Read(report.SetAside!), path, overwrite: true);
        Assert.Equal(later, Dump(path));
    }

    [Fact]
    public async Task Undoing_a_restore_leaves_a_database_alone_that_was_written_to_since_and_removes_one_that_was_not_there()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM pair");
        var report = await RestoreAsync(place, made, path, overwrite: true);
        Run(path, "INSERT INTO pair VALUES('since', 1, 1)");
        var since = Dump(path);

        var undo = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.RunAsync(undo, dryRun: true)).Outcome);
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.RunAsync(undo)).Outcome);
        Assert.Equal(since, Dump(path));

        // What took nothing back does not count as the undo: when the database is as it was restored again, it can be taken back.
        var kept = await File.ReadAllBytesAsync(path);
        await RestoreAsync(place, made, path, overwrite: true);
        var again = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(again)).Outcome);
        Assert.Equal("0", Ask(path, "SELECT count(*) FROM pair"));
        var twice = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: false, default));
        Assert.Equal(ErrorIds.InvalidState, twice.ErrorId);
        await File.WriteAllBytesAsync(path, kept);

        var copy = place.PathOf("copy.db");
        var created = await RestoreAsync(place, made, copy);
        var removal = await place.Engine.PlanUndoAsync(created.ExecutionId!, null, record: true, default);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(removal)).Outcome);
        Assert.False(File.Exists(copy));
        var back = await place.Engine.PlanUndoAsync(place.Execution!.Id, null, record: true, default);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(back)).Outcome);
        Assert.Equal(300, long.Parse(Ask(copy, "SELECT count(*) FROM pair"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_log_that_is_left_over_is_not_applied_to_what_is_restored()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var made = await BackUpAsync(place, path);
        var backedUp = Dump(path);

        // What a killed application leaves: commits that are in the log only.
        var (database, log) = (place.PathOf("killed.db"), place.PathOf("killed.db-wal"));
        using (var application = Open(path))
        {
            Execute(application, "PRAGMA wal_autocheckpoint = 0; UPDATE pair SET serial = -serial");
            File.Copy(path, database);
            File.Copy(path + "-wal", log);
        }

        await RestoreAsync(place, made, database, overwrite: true);

        Assert.Equal(backedUp, Dump(database));
    }

    [Fact]
    public async Task A_database_that_another_has_open_is_not_swapped_under_it()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var made = await BackUpAsync(place, path);
        using var application = Open(path);
        Execute(application, "SELECT count(*) FROM pair");

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true));

        Assert.Equal(ErrorIds.InvalidState, failure.ErrorId);
    }

    [Fact]
    public async Task A_folder_with_backups_of_several_databases_gives_each_back_its_own_and_not_the_newest_of_another()
    {
        await using var place = new Workplace();
        var (one, two, third) = (Make(place, "one.db", "wal"), Make(place, "two.db", "delete"), place.PathOf("three.db"));
        Run(one, "DELETE FROM pair WHERE serial > 10");
        await BackUpAsync(place, one);
        var backedUp = Dump(one);
        await BackUpAsync(place, two);
        Run(one, "DELETE FROM pair");
        var folder = place.PathOf("backups");

        var report = await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = folder, Store = one, Overwrite = true }, default);

        Assert.Equal("sqlite:" + one, report.BackupOf);
        Assert.Equal(backedUp, Dump(one));
        foreach (var store in new[] { third, null })
        {
            var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = folder, Store = store }, default));
            Assert.Equal(ErrorIds.InvalidArgument, failure.ErrorId);
            Assert.Contains(two, failure.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(third));
    }

    [Fact]
    public async Task A_database_that_was_written_to_while_it_was_restored_is_not_reported_as_overwritten()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "delete");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM pair WHERE serial = 1");

        // The moment between the plan and the replacement.
        var report = await place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = made.Path,
                Store = path,
                Overwrite = true,
                ExecutionChanged = execution => Run(path, execution.Status == ExecutionStatus.Running ? "INSERT INTO pair VALUES('meanwhile', 1, 1)" : string.Empty),
            },
            default);

        Assert.False(report.Overwritten);
        Assert.Empty(report.Newer);
        Assert.Equal(0, report.Written);
        Assert.True(report.IsLeftAlone);
        Assert.Contains("changed meanwhile", Assert.Single(report.Changed), StringComparison.Ordinal);
        Assert.Empty(report.Failed);
        Assert.Equal("1", Ask(path, "SELECT count(*) FROM pair WHERE writer = 'meanwhile'"));
    }
}
