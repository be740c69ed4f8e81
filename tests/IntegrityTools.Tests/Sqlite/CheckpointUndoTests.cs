using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.Backups;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>A checkpoint writes a log into its file, whosever it is: what it overwrites is saved first, and comes back.</summary>
public class CheckpointUndoTests
{
    [Fact]
    public async Task A_checkpoint_of_a_log_that_was_not_the_files_own_was_for_good()
    {
        await using var place = new Place();
        PutLaterLog(place);
        var before = Files(place);

        await CheckpointAsync(place);
        Assert.NotEqual(before.Database, Files(place).Database);
        Assert.Equal([place.Database], Directory.EnumerateFiles(place.Data));
        var saved = BackupFolder.Read(Assert.Single(Saved(place)));
        Assert.All(saved.Files.Select(file => Path.Combine(Path.GetDirectoryName(saved.Path)!, file.Name)), IsPrivate);

        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal(before, Files(place));

        // And taken back again it is as the checkpoint left it, and that as it was.
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Empty(Files(place).Log);
    }

    [Fact]
    public async Task What_others_wrote_since_a_checkpoint_is_left_alone_by_its_undo()
    {
        await using var place = new Place();
        PutLaterLog(place);
        await CheckpointAsync(place);
        Databases.Create(place.Database, "INSERT INTO setting VALUES ('b', 'later')");

        var result = Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync()));

        Assert.Equal(OperationOutcome.Stale, result.Outcome);
        Assert.Contains(".manifest.json", result.Message, StringComparison.Ordinal);
        Assert.Equal("later", Databases.Ask(place.Database, "SELECT value FROM setting WHERE key = 'b'"));
    }

    [Fact]
    public async Task A_checkpoint_that_failed_and_was_gone_on_with_is_taken_back()
    {
        await using var place = new Place();
        PutLaterLog(place);
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.HotJournal));
        using (var session = new Session(place.Database))
        {
            session.Run("SELECT count(*) FROM setting");
            var failed = Assert.Single(await place.Work.RunAsync(plan));
            Assert.Equal(OperationOutcome.Failed, failed.Outcome);
            Assert.Contains("Another process", failed.Message, StringComparison.Ordinal);
            Assert.Empty(Saved(place));
        }

        var before = Files(place);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.ResumeAsync(place.Work.Execution!.Id)).Outcome);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal(before, Files(place));
    }

    [Fact]
    public async Task A_repair_of_a_row_wrote_a_log_into_the_file_that_was_copied_there_and_kept_neither()
    {
        await using var place = new Place();
        PutLaterLog(place, "INSERT INTO child VALUES (1, 99)");
        var before = Files(place);
        var issues = await place.ScanAsync();
        var results = await place.Work.RunAsync(await place.Work.PlanAsync(issues.Where(issue => issue.Type is IssueTypes.ForeignKeyViolation or IssueTypes.HotJournal)));

        Assert.Equal([OperationTypes.Checkpoint, OperationTypes.NullOrphans], results.Where(result => result.Outcome == OperationOutcome.Applied).Select(result => result.Type).Order());
        var saved = BackupFolder.Read(Assert.Single(Saved(place)));
        var undo = await place.Work.PlanUndoAsync();
        Assert.Contains(saved.Path, Assert.Single(undo.Operations, operation => operation.NeedsReview).Reason, StringComparison.Ordinal);

        await SqliteBackups.RestoreAsync(place.Work, saved, place.Database, overwrite: true);
        Assert.Equal(before, Files(place));
    }

    [Fact]
    public async Task A_repair_of_rows_alone_did_not_say_that_the_log_went_into_the_file_with_them()
    {
        await using var place = new Place();
        PutLaterLog(place, "INSERT INTO child VALUES (1, 99)");
        var before = Files(place);

        var result = Assert.Single(await place.Work.RunAsync(await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation))));

        Assert.Equal(OperationOutcome.Applied, result.Outcome);
        var saved = BackupFolder.Read(Assert.Single(Saved(place)));
        Assert.Contains(saved.Path, result.Message, StringComparison.Ordinal);
        await SqliteBackups.RestoreAsync(place.Work, saved, place.Database, overwrite: true);
        Assert.Equal(before, Files(place));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Maintenance_wrote_a_log_into_the_file_of_which_nothing_tells_that_it_is_its_own(bool dryRun)
    {
        await using var place = new Place();
        PutLaterLog(place);
        var before = Files(place);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun, force: false, default));

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains("integrity resolve", refused.NextStep, StringComparison.Ordinal);
        Assert.Equal(before, Files(place));

        // Nor does the index of another log tell it; that of a process which had both open, and died, does.
        using (var session = new Session(place.Database + ".other"))
        {
            session.Run("PRAGMA journal_mode = WAL");
            session.Run("CREATE TABLE t(a)");
        }

        File.Move(place.Database + ".other-shm", place.Database + "-shm");
        await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun, force: false, default));
        using (var session = new Session(place.Database))
        {
            session.Run("SELECT count(*) FROM setting");
        }

        Assert.Equal(
            dryRun ? MaintenanceOutcome.WouldRun : MaintenanceOutcome.Done,
            (await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun, force: false, default)).Steps[^1].Outcome);
    }

    private static async Task CheckpointAsync(Place place)
    {
        var plan = await place.Work.PlanAsync((await place.ScanWithoutTraceAsync()).Where(issue => issue.Type == IssueTypes.HotJournal));
        var result = Assert.Single(await place.Work.RunAsync(plan));
        Assert.True(result is { Type: OperationTypes.Checkpoint, Outcome: OperationOutcome.Applied }, result.Message);
    }

    private static (string Database, string Log) Files(Place place) =>
        (Content(place.Database), File.Exists(place.Database + "-wal") ? Content(place.Database + "-wal") : string.Empty);

    private static string Content(string path) => Convert.ToHexString(File.ReadAllBytes(path));

    private static IEnumerable<string> Saved(Place place) => Directory.EnumerateFiles(place.Work.Folder, "exec-*.manifest.json", SearchOption.AllDirectories);

    private static void IsPrivate(string path) =>
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), path);

    /// <summary>An older copy of a file beside the log of what it became: nothing in the log's bytes tells that, since only rows in place were changed between.</summary>
    private static void PutLaterLog(Place place, string first = "SELECT 1")
    {
        var source = place.Work.PathOf("source.db");
        Databases.Create(
            source,
            "PRAGMA journal_mode = WAL",
            "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT); INSERT INTO setting VALUES ('a', 'own'); CREATE TABLE child(id INTEGER PRIMARY KEY, setting REFERENCES setting(key));",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO users SELECT i, 'user ' || i || hex(zeroblob(50)) FROM n",
            first);
        File.Copy(source, place.Database);
        using var application = SqliteBackups.Open(source);
        SqliteBackups.Execute(application, "PRAGMA wal_autocheckpoint = 0; UPDATE users SET name = 'USER' || substr(name, 5); PRAGMA wal_checkpoint(TRUNCATE); UPDATE setting SET value = 'other'");
        File.Copy(source + "-wal", place.Database + "-wal");
    }
}
