using IntegrityTools.Model;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using Microsoft.Win32.SafeHandles;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups, restores and salvages whose disk gives out: nothing is lost, and nothing half done has a name of its own.</summary>
[Collection(nameof(SqliteTap))]
public class BrokenDiskTests
{
    private const int Tries = 8;
    private const int WriteError = 10 | (3 << 8);
    private const int FlushError = 10 | (4 << 8);

    [SkippableTheory]
    [InlineData("wal", WriteError)]
    [InlineData("delete", FlushError)]
    [InlineData("delete", 13)]
    public async Task Whichever_write_of_a_backup_fails_no_file_stays_that_looks_like_one(string mode, int code)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", mode);
        var before = Dump(path);
        var folder = place.PathOf("backups");

        await EachAsync(folder, code, () => BackUpAsync(place, path), failed =>
        {
            Assert.Equal(before, Dump(path));
            Assert.Equal(failed, !Left(folder).Any());
            Array.ForEach([.. Left(folder)], File.Delete);
        });
    }

    [SkippableTheory]
    [InlineData(WriteError)]
    [InlineData(13)]
    public async Task Whichever_write_of_a_restore_fails_the_old_database_or_the_new_one_stands_there_and_the_run_can_go_on(int code)
    {
        await using var place = new Workplace();
        var backup = await BackUpAsync(place, Make(place, "app.db", "wal"));
        var folder = Directory.CreateDirectory(place.PathOf("data")).FullName;
        var path = Path.Combine(folder, "app.db");
        Run(path, "CREATE TABLE pair(old)");

        await EachAsync(folder, code, () => RestoreAsync(place, backup, path, overwrite: true), failed =>
        {
            Assert.Equal("ok", Ask(path, "PRAGMA integrity_check"));
            Assert.Equal(failed ? "0" : "300", Ask(path, "SELECT count(*) FROM pair"));
            Assert.DoesNotContain(Directory.EnumerateFiles(folder), file => file.EndsWith(".tmp", StringComparison.Ordinal));
            Run(path, failed ? "SELECT 1" : "DELETE FROM pair");
        });
    }

    [SkippableTheory]
    [InlineData(WriteError)]
    [InlineData(13)]
    public async Task Whichever_write_of_a_salvage_fails_there_is_no_new_database(int code)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "delete");
        var folder = Directory.CreateDirectory(place.PathOf("data")).FullName;

        await EachAsync(folder, code, () => Task.FromResult(Salvager.Run(new SalvageOptions { Path = path, Destination = Path.Combine(folder, "new.db"), Overwrite = true }, default)), failed =>
        {
            Assert.Equal(failed ? [] : ["new.db"], Directory.EnumerateFiles(folder).Select(Path.GetFileName));
            File.Delete(Path.Combine(folder, "new.db"));
        });
    }

    [Fact]
    public async Task A_backup_whose_manifest_could_not_be_written_left_its_files_for_ever()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "delete");
        var folder = place.PathOf("backups");
        QuietCopy.HasCopied = () =>
        {
            var name = Path.GetFileName(Directory.EnumerateFiles(folder, "*.db.*.tmp").Single());
            Directory.CreateDirectory(Path.Combine(folder, name[..name.IndexOf(".db.", StringComparison.Ordinal)] + ".manifest.json"));
        };

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, path));

        QuietCopy.HasCopied = null;
        Assert.Equal(ErrorIds.BackupFailed, refused.ErrorId);
        Assert.Empty(Left(folder));
    }

    [Fact]
    public void A_flush_that_the_system_refuses_counted_as_done()
    {
        using var none = new SafeFileHandle(1_000_000, ownsHandle: false);

        Assert.ThrowsAny<IOException>(() => FileSync.Flush(none));
    }

    /// <summary>What is no lock.</summary>
    private static IEnumerable<string> Left(string folder) => Directory.EnumerateFiles(folder).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal));

    /// <summary>Runs something as often as it takes to make its writes fail in turn. The first run goes through, and tells how many there are.</summary>
    private static async Task EachAsync(string folder, int code, Func<Task> work, Action<bool> check)
    {
        var (count, failures) = (0, 0);
        for (var attempt = 0; attempt <= Tries; attempt++)
        {
            Exception? failure;
            using (var tap = new SqliteTap(folder))
            {
                tap.FailFrom(attempt == 0 ? -1 : (attempt - 1) * count / Tries, code);
                failure = await Record.ExceptionAsync(work);
                count = attempt == 0 ? tap.Steps.Count : count;
            }

            Assert.True(failure is null or IntegrityException { NextStep: not null }, failure?.ToString());
            check(failure is not null);
            failures += failure is null ? 0 : 1;
        }

        Assert.InRange(failures, Tries / 2, Tries);
    }
}
