using System.Diagnostics;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Restores, and their undo, of databases that another process has open, under whatever name.</summary>
public class SqliteOpenElsewhereTests
{
    [Theory]
    [InlineData("wal", "BEGIN IMMEDIATE")]
    [InlineData("delete", "BEGIN IMMEDIATE")]
    [InlineData("delete", "BEGIN; SELECT count(*) FROM t")]
    public async Task A_database_that_another_holds_in_a_transaction_is_not_replaced(string mode, string statement)
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", mode);
        var made = await BackUpAsync(place, path);
        using var application = Open(path);
        Execute(application, statement);

        Assert.Equal(ErrorIds.InvalidState, (await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true))).ErrorId);

        Execute(application, "ROLLBACK");
        Assert.Equal(50L, Count(path));
    }

    [SkippableFact]
    public async Task A_database_that_another_process_has_open_and_does_not_use_is_not_replaced_unless_that_is_asked_for()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", "delete");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10");
        using var idle = new Session(path);
        idle.Run("SELECT count(*) FROM t");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true));

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains($"Process {idle.Id} (", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--while-open", refused.NextStep, StringComparison.Ordinal);
        Assert.Equal(10L, Count(path));
        var report = await place.Engine.Backups.RestoreAsync(
            new RestoreOptions { Backup = made.Path, Store = "sqlite:" + path, Overwrite = true, WhileOpen = true }, default);
        Assert.Equal(50L, Count(path));

        // It has the old file still; one that opens the new one holds up its undo.
        Assert.Equal("ok 10", idle.Run("SELECT count(*) FROM t"));
        var undo = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        using (var other = new Session(path))
        {
            other.Run("SELECT count(*) FROM t");
            var held = await Assert.ThrowsAsync<IntegrityException>(async () => await place.RunAsync(undo));
            Assert.Equal(ErrorIds.InvalidState, held.ErrorId);
            Assert.Contains("--while-open", held.NextStep, StringComparison.Ordinal);
            Assert.Equal(50L, Count(path));

            // As the advice says: it is run again, and that is another undo, planned anew.
            var again = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
            Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(again, whileOpen: true)).Outcome);
        }

        Assert.Equal(10L, Count(path));
    }

    [SkippableFact]
    public async Task A_process_that_was_just_being_started_and_held_its_parents_files_was_taken_for_one_that_has_the_database_open()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", "delete");
        var start = new ProcessStartInfo("sh", ["-c", "exec 3<\"$1\"; echo open; sleep 0.06; exec 3<&-; read end", "sh", path]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using var started = Process.Start(start)!;
        Assert.Equal("open", await started.StandardOutput.ReadLineAsync());

        Assert.Contains(OpenElsewhere.ThrowIfOpen(path, OpenElsewhere.ForRestore), new[] { null, OpenElsewhere.NotAllSeen });

        started.StandardInput.Close();
        await started.WaitForExitAsync();
    }

    [SkippableFact]
    public async Task An_undo_of_a_restore_that_a_program_holds_up_once_it_is_begun_goes_on_by_the_way_that_is_told()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", "delete");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10");
        var report = await RestoreAsync(place, made, path, overwrite: true);
        var (undo, _) = await CutRun.LeaveAsync(place, await place.PlanUndoAsync(report.ExecutionId), applied: 0);
        using var idle = new Session(path);
        idle.Run("SELECT count(*) FROM t");

        var held = await Assert.ThrowsAsync<IntegrityException>(async () => await place.ResumeAsync(undo));

        Assert.Equal(ErrorIds.InvalidState, held.ErrorId);
        Assert.Contains("resume", held.NextStep, StringComparison.Ordinal);
        Assert.Contains("--while-open", held.NextStep, StringComparison.Ordinal);
        Assert.Equal(50L, Count(path));
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.ResumeAsync(undo, whileOpen: true)).Outcome);
        Assert.Equal(10L, Count(path));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restored_database_that_another_process_has_open_is_taken_out_again_only_where_the_restore_was_to_disregard_that(bool whileOpen)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        await using var place = new Workplace();
        var made = await BackUpAsync(place, MakeFifty(place, "app.db", "delete"));
        var path = place.PathOf("new.db");
        var report = await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = "sqlite:" + path, WhileOpen = whileOpen }, default);
        using var idle = new Session(path);
        idle.Run("SELECT count(*) FROM t");
        var undo = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);

        if (!whileOpen)
        {
            Assert.Contains("Close that program", (await Assert.ThrowsAsync<IntegrityException>(async () => await place.RunAsync(undo))).NextStep, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(undo)).Outcome);
        }

        Assert.Equal(!whileOpen, File.Exists(path));
    }

    [SkippableFact]
    public async Task A_database_that_another_process_had_open_by_another_name_of_the_file_was_replaced_and_what_that_wrote_was_lost()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        Skip.IfNot(File.ReadAllText("/proc/self/fdinfo/0").Contains("ino:", StringComparison.Ordinal), "Linux tells the number of an open file from 5.14 on.");
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", "delete");
        var made = await BackUpAsync(place, path);
        var other = place.PathOf("other-name.db");
        using (var link = System.Diagnostics.Process.Start("ln", [path, other]))
        {
            await link.WaitForExitAsync();
        }

        using var idle = new Session(other);
        idle.Run("DELETE FROM t WHERE n > 10");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true));

        Assert.Contains($"Process {idle.Id} (", refused.Message, StringComparison.Ordinal);
        Assert.Equal(10L, Count(path));
    }

    [Fact]
    public async Task An_undo_of_a_restore_that_found_the_database_changed_said_to_run_it_again_which_never_helps()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10");
        var report = await RestoreAsync(place, made, path, overwrite: true);
        Run(path, "DELETE FROM t WHERE n > 40");
        var undo = await place.PlanUndoAsync(report.ExecutionId);

        var told = Assert.Single(await place.RunAsync(undo));

        Assert.Equal(OperationOutcome.Stale, told.Outcome);
        var aside = ((RestoreBackupAction)undo.Operations[0].Action!).ManifestPath;
        Assert.Contains($"integrity restore \"{aside}\" --to \"{path}\" --overwrite", told.Message, StringComparison.Ordinal);
        Assert.Equal(told.Message, Assert.Single(await place.RunAsync(undo, dryRun: true)).Message);
        Assert.Equal(40L, Count(path));
        await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = aside, Store = "sqlite:" + path, Overwrite = true }, default);
        Assert.Equal(10L, Count(path));
    }
}
