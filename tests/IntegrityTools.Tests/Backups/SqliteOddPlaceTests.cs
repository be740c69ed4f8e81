using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Databases and folders that are not as they should be.</summary>
public class SqliteOddPlaceTests
{
    [Fact]
    public async Task A_link_is_followed_and_stays_a_link_when_its_database_is_restored()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "it's the \"real\" one.db");
        var link = place.PathOf("link.db");
        File.CreateSymbolicLink(link, path);
        var made = await BackUpAsync(place, link);
        Run(path, "DELETE FROM t");

        await RestoreAsync(place, made, link, overwrite: true);

        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal(50L, Count(path));
    }

    [Fact]
    public async Task A_restore_through_a_link_whose_file_is_gone_makes_the_file_and_leaves_the_link()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "real.db");
        var link = place.PathOf("link.db");
        File.CreateSymbolicLink(link, path);
        var made = await BackUpAsync(place, link);
        File.Delete(path);

        await RestoreAsync(place, made, link);

        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal(50L, Count(path));
    }

    [SkippableFact]
    public async Task Other_names_of_the_file_kept_the_old_one_after_a_restore_and_its_undo_and_nobody_was_told()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "How many names a file has is known on Linux.");
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t");
        Assert.DoesNotContain((await RestoreAsync(place, made, path, overwrite: true)).Remarks, IsOfNames);
        Link(path, place.PathOf("other.db"));

        Run(path, "DELETE FROM t WHERE n > 10");
        var report = await RestoreAsync(place, made, path, overwrite: true);

        Assert.Contains(report.Remarks, IsOfNames);
        Assert.Equal((50L, 10L), (Count(path), Count(place.PathOf("other.db"))));
        Link(path, place.PathOf("third.db"));
        var undone = Assert.Single(await place.RunAsync(await place.PlanUndoAsync(report.ExecutionId)));
        Assert.Equal(OperationOutcome.Applied, undone.Outcome);
        Assert.True(IsOfNames(undone.Message!));

        static bool IsOfNames(string text) => text.Contains("1 other name (hard links)", StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_file_that_is_mounted_by_itself_was_refused_with_the_advice_to_make_room_and_is_left_as_it_was()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10; PRAGMA wal_checkpoint(TRUNCATE)");
        using var mounted = SmallDisk.Bind(path, place.PathOf("inside.db"));

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, place.PathOf("inside.db"), overwrite: true));

        Assert.Contains("mount of its own", refused.NextStep, StringComparison.Ordinal);
        Assert.Equal(10L, Count(path));
        await RestoreAsync(place, made, path, overwrite: true);
        Assert.Equal(50L, Count(path));
    }

    private static void Link(string path, string other)
    {
        using var link = System.Diagnostics.Process.Start("ln", [path, other]);
        link.WaitForExit();
    }

    [Fact]
    public async Task A_folder_is_told_and_so_is_a_file_that_is_not_there()
    {
        await using var place = new Workplace();
        Directory.CreateDirectory(place.PathOf("folder.db"));

        Assert.Equal(ErrorIds.StoreNotFound, (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, place.PathOf("folder.db")))).ErrorId);
        Assert.Equal(ErrorIds.StoreNotFound, (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, place.PathOf("none.db")))).ErrorId);
        var made = await BackUpAsync(place, MakeFifty(place, "app.db"));
        Assert.Equal(ErrorIds.StoreNotFound, (await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, place.PathOf("folder.db"), overwrite: true))).ErrorId);
    }

    [SkippableFact]
    public async Task A_folder_that_may_not_be_written_refuses_the_backup_and_the_restore_and_nothing_is_changed()
    {
        await using var place = new Workplace();
        using var disk = SmallDisk.Mount(place.PathOf("disk"), 1024);
        var path = MakeFifty(place, "disk/app.db");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10");
        disk.SetReadOnly();

        Assert.Equal(ErrorIds.OperationFailed, (await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true))).ErrorId);
        var refused = await Assert.ThrowsAsync<IntegrityException>(
            () => place.Engine.Backups.CreateAsync(new BackupOptions { Store = "sqlite:" + place.PathOf("disk/../disk/app.db"), Folder = place.PathOf("disk/backups") }, default));
        Assert.Equal(ErrorIds.BackupFailed, refused.ErrorId);
        File.Copy(path, place.PathOf("copy.db"));
        Assert.Equal(10L, Count(place.PathOf("copy.db")));
    }

    [SkippableFact]
    public async Task A_disk_that_is_full_keeps_the_older_backup_and_leaves_no_half_of_a_new_one()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db");
        Run(path, "CREATE TABLE big(b); INSERT INTO big VALUES(zeroblob(300000))");
        using var disk = SmallDisk.Mount(place.PathOf("disk"), 500);
        var options = new BackupOptions { Store = "sqlite:" + path, Folder = place.PathOf("disk"), Retention = new BackupRetention { KeepFor = TimeSpan.Zero } };
        var good = await place.Engine.Backups.CreateAsync(options, default);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.CreateAsync(options, default));

        Assert.Equal(ErrorIds.BackupFailed, failure.ErrorId);
        Assert.Equal([good.Id], (await place.Engine.Backups.ListAsync(place.PathOf("disk"), default)).Select(backup => backup.Id));
        Assert.Equal(2, Directory.GetFiles(place.PathOf("disk"), "app-*").Length);
        Assert.True((await place.Engine.Backups.TestAsync(good.Path, null, null, default)).Ok);
    }

    [SkippableFact]
    public async Task A_disk_without_room_for_the_new_file_keeps_the_old_one_and_the_restore_can_be_resumed()
    {
        await using var place = new Workplace();
        RepairExecution? execution = null;
        using var disk = SmallDisk.Mount(place.PathOf("disk"), 1000);
        var path = MakeFifty(place, "disk/app.db");
        Run(path, "CREATE TABLE big(b); INSERT INTO big VALUES(zeroblob(300000)); PRAGMA wal_checkpoint(TRUNCATE)");
        var made = await BackUpAsync(place, path);
        Run(path, "DELETE FROM t WHERE n > 10");
        await File.WriteAllBytesAsync(place.PathOf("disk/filler"), new byte[500_000]);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.RestoreAsync(
            new RestoreOptions { Backup = made.Path, Store = "sqlite:" + path, Overwrite = true, ExecutionChanged = changed => execution = changed }, default));

        Assert.Equal(ErrorIds.OperationFailed, failure.ErrorId);
        Assert.Equal(10L, Count(path));
        Assert.Single(Directory.GetFiles(place.PathOf("disk"), "*.db*"));
        File.Delete(place.PathOf("disk/filler"));
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.ResumeAsync(execution!.Id)).Outcome);
        Assert.Equal(50L, Count(path));
    }

    [Fact]
    public async Task A_backup_beside_a_hot_journal_is_refused_and_leaves_the_journal()
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", "delete");
        var killed = place.PathOf("killed.db");
        using (var application = Open(path))
        {
            Execute(application, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; INSERT INTO t SELECT randomblob(3000) FROM t, t");
            File.Copy(path, killed);
            File.Copy(path + "-journal", killed + "-journal");
        }

        var before = (await File.ReadAllBytesAsync(killed), await File.ReadAllBytesAsync(killed + "-journal"));
        Assert.Equal(ErrorIds.CheckFailed, (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, killed))).ErrorId);
        var evidence = await place.Engine.Backups.CreateAsync(new BackupOptions { Store = "sqlite:" + killed, Folder = place.PathOf("backups"), Force = true }, default);

        Assert.Equal(["database", "journal"], evidence.Files.Select(file => file.Role));
        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(killed));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(killed + "-journal"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task What_is_no_database_is_replaced_only_when_that_is_asked_for_and_comes_back_by_undo(int length)
    {
        await using var place = new Workplace();
        var made = await BackUpAsync(place, MakeFifty(place, "app.db"));
        var path = place.PathOf("other.db");
        var bytes = Enumerable.Repeat((byte)0x77, length).ToArray();
        await File.WriteAllBytesAsync(path, bytes);

        var careful = await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = "sqlite:" + path }, default);
        Assert.Equal((0L, 1), (careful.Written, careful.Newer.Count));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));

        var report = await RestoreAsync(place, made, path, overwrite: true);
        Assert.Equal(50L, Count(path));
        var undo = await place.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(undo)).Outcome);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_that_is_cut_or_flipped_by_one_bit_is_told_with_its_place_and_replaces_nothing(bool cut)
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db");
        var made = await BackUpAsync(place, path);
        var file = Path.Combine(place.PathOf("backups"), made.Files[0].Name);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, cut ? bytes[..^4096] : bytes);
        Run(path, "DELETE FROM t WHERE n > 10");

        Assert.NotNull(Assert.Single((await place.Engine.Backups.TestAsync(made.Path, null, null, default)).Faults).Place);
        Assert.Equal(ErrorIds.DamagedFile, (await Assert.ThrowsAsync<IntegrityException>(() => RestoreAsync(place, made, path, overwrite: true))).ErrorId);
        Assert.Equal(10L, Count(path));

        // Neither does it push an older one out: the next one builds on nothing of it.
        var next = await place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = "sqlite:" + path, Folder = place.PathOf("backups"), Retention = new BackupRetention { KeepFor = TimeSpan.Zero } }, default);
        Assert.True((await place.Engine.Backups.TestAsync(next.Path, null, null, default)).Ok);
    }
}
