using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Maintenance;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Maintenance beside applications, and the few connections that do it.</summary>
public class MaintenanceTests
{
    private const string Grown = "DELETE FROM item; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO item SELECT i, i, randomblob(3000) FROM n; DELETE FROM item";

    private static int Open(string folder) => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(entry => new FileInfo(entry).LinkTarget is { } target && target.StartsWith(folder, StringComparison.Ordinal) && target.EndsWith(".db", StringComparison.Ordinal));

    private static bool HasBug => LibraryBug.WalReset.IsIn(Version.Parse(SqliteRuntime.Version));

    [Fact]
    public async Task Each_step_tells_what_it_did_and_a_second_run_finds_nothing_left()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL", Databases.Shop, Grown);
        var before = Databases.Trace(place.Data);
        var preview = await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: true, force: false, default);
        Assert.Equal([MaintenanceOutcome.WouldRun, MaintenanceOutcome.WouldRun], preview.Steps.Take(2).Select(step => step.Outcome));
        Assert.Equal(before, Databases.Trace(place.Data));
        var size = new FileInfo(place.Database).Length;

        var report = await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default);
        Assert.Equal([place.Database], Directory.EnumerateFiles(place.Data));
        Assert.Equal(["incremental_vacuum", "optimize", "checkpoint"], report.Steps.Select(step => step.Name));
        Assert.All(report.Steps, step => Assert.True(step.Outcome == MaintenanceOutcome.Done, $"{step.Name}: {step.Outcome} {step.Message}"));
        Assert.Equal(0, new FileInfo(place.Database + "-wal") is { Exists: true } log ? log.Length : 0);
        Assert.Equal(0L, Databases.Ask(place.Database, "PRAGMA freelist_count"));
        Assert.True(new FileInfo(place.Database).Length < size / 4);
        Assert.NotEqual(0L, Databases.Ask(place.Database, "SELECT count(*) FROM sqlite_stat1"));
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));

        var again = await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default);
        Assert.All(again.Steps, step => Assert.Equal(MaintenanceOutcome.Nothing, step.Outcome));
        Assert.Equal([place.Database], Directory.EnumerateFiles(place.Data));
        var ledger = await place.Work.Engine.GetLedgerAsync(default);
        Assert.Equal(2, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync(entry => entry.Event.Kind == LedgerEventKinds.StoreOptimized));
    }

    [Fact]
    public async Task A_log_that_another_process_has_open_is_left_alone_while_the_library_has_the_bug_unless_forced()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA wal_autocheckpoint = 0");
        session.Run("CREATE TABLE big AS SELECT hex(randomblob(3000)) FROM customer");
        var before = new FileInfo(place.Database).Length;
        if (HasBug)
        {
            var left = (await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default)).Steps[^1];
            Assert.Equal((MaintenanceOutcome.Left, before), (left.Outcome, new FileInfo(place.Database).Length));
            Assert.Contains("Another process", left.Message, StringComparison.Ordinal);
        }

        var forced = (await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: true, default)).Steps[^1];
        Assert.True(forced.Outcome == MaintenanceOutcome.Done, forced.Message);
        Assert.True(new FileInfo(place.Database).Length > before);
        Assert.Equal("ok 300", session.Run("SELECT count(*) FROM big"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_told_and_the_other_steps_are_done()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, Grown);
        using var session = new Session(place.Database);
        session.Run("BEGIN");
        session.Run("SELECT count(*) FROM customer");
        var steps = (await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default)).Steps;
        Assert.Equal(MaintenanceOutcome.Nothing, steps[0].Outcome);
        Assert.Contains("auto_vacuum is not incremental", steps[0].Message, StringComparison.Ordinal);
        Assert.Equal(MaintenanceOutcome.Left, steps[1].Outcome);
        Assert.Contains("again later", steps[1].Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync("couchdump:" + place.Work.PathOf("x.jsonl"), dryRun: true, force: false, default));
    }

    [SkippableFact]
    public async Task Where_the_ledgers_disk_fills_up_meanwhile_its_beginning_is_recorded_and_what_was_done_is_told()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var disk = SmallDisk.Mount(place.Work.PathOf("ledger"), 4000);
        await using var engine = IntegrityEngine.Open(new EngineOptions { LedgerPath = place.Work.PathOf("ledger/ledger.db") });
        var rest = place.Work.PathOf("ledger/rest");
        var maintenance = new IntegrityMaintenance(
            engine, [new DiskFiller(new SqliteMaintenance(), () => File.WriteAllBytes(rest, new byte[new DriveInfo(place.Work.PathOf("ledger")).AvailableFreeSpace]))]);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default));

        Assert.Equal(ErrorIds.LedgerUnavailable, failure.ErrorId);
        Assert.StartsWith("The maintenance was done (incremental_vacuum: nothing, optimize: done, checkpoint: ", failure.Message, StringComparison.Ordinal);
        File.Delete(rest);
        var ledger = await engine.GetLedgerAsync(default);
        var kinds = await ledger.ReadEventsAsync(new LedgerQuery(), default).Select(entry => entry.Event.Kind).ToListAsync();
        Assert.Equal([LedgerEventKinds.OptimizeStarted], kinds.Where(kind => kind.Contains("optimize", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task No_kind_of_work_has_more_than_two_connections_or_leaves_one_open()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which files are open is known on Linux.");
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop, "INSERT INTO item VALUES (900, 12345, NULL)");
        var most = 0;
        DatabaseHandles.Connected = open => most = Math.Max(most, open);
        using var session = new Session(place.Database);
        session.Run("DELETE FROM tag");
        var plan = await place.Work.PlanAsync(await place.ScanAsync());
        Assert.Equal(0, Open(place.Data));
        await place.Work.RunAsync(plan, dryRun: true);
        Assert.Equal(0, Open(place.Data));
        Assert.Contains(await place.Work.RunAsync(plan), result => result.Outcome == OperationOutcome.Applied);
        Assert.Equal(0, Open(place.Data));
        await place.Work.RunAsync(await place.Work.PlanUndoAsync());
        Assert.Equal(0, Open(place.Data));
        await place.Work.Engine.Backups.CreateAsync(new IntegrityTools.Backups.BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default);
        Assert.Equal(0, Open(place.Data));
        await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default);
        Assert.Equal(0, Open(place.Data));
        session.Close();
        await place.Work.Engine.Backups.CreateAsync(new IntegrityTools.Backups.BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default);
        Assert.Equal((0, 2), (Open(place.Data), most));
    }

    [Fact]
    public async Task A_last_checkpoint_empties_the_log_and_tells_when_another_process_needs_it()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA wal_autocheckpoint = 0");
        session.Run("BEGIN");
        session.Run("SELECT count(*) FROM customer");
        Databases.Create(place.Database, "INSERT INTO customer VALUES (999, 'x')");

        Assert.Equal(MaintenanceOutcome.Left, Checkpoint.Run(DatabaseFiles.Find(place.Database), force: false).Outcome);
        session.Kill();
        var closed = Checkpoint.Run(DatabaseFiles.Find(place.Database), force: false);
        Assert.True(closed.Outcome is MaintenanceOutcome.Done or MaintenanceOutcome.Nothing, closed.Message);
        Assert.False(File.Exists(place.Database + "-wal") && new FileInfo(place.Database + "-wal").Length > 0);
        Assert.Equal(1L, Databases.Ask(place.Database, "SELECT count(*) FROM customer WHERE id = 999"));
    }
}
