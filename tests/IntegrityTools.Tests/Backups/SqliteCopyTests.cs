using System.Buffers.Binary;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Backups;

public class SqliteCopyTests
{
    private const int PageSize = 4096;

    [Theory]
    [InlineData("wal", false)]
    [InlineData("wal", true)]
    [InlineData("delete", true)]
    public async Task A_copy_that_the_disk_damaged_was_blamed_on_the_database(string mode, bool force)
    {
        await using var place = new Workplace();
        var path = Databases.Create(
            place.PathOf("app.db"),
            $"PRAGMA page_size = {PageSize}",
            $"PRAGMA journal_mode = {mode}",
            "CREATE TABLE large(id INTEGER PRIMARY KEY, body BLOB)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO large SELECT i, randomblob(4000) FROM n");
        using var application = Databases.Open(path);
        Databases.Run(application, "INSERT INTO large VALUES(5000, 'the application has it open')");
        QuietCopy.HasCopied = () => Databases.Run(application, "UPDATE large SET body = 'it writes' WHERE id = 5000");
        var options = new BackupOptions
        {
            Store = "sqlite:" + path,
            Folder = place.PathOf("backups"),
            Force = force,
            Progress = new Damage(place.PathOf("backups")),
        };

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.CreateAsync(options, default));

        Assert.Equal(ErrorIds.BackupFailed, failure.ErrorId);
        Assert.Contains("The copy fails its check, and the database passes its own", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(place.PathOf("backups"), "app*"));
        Assert.Equal(BackupMode.Full, (await place.Engine.Backups.CreateAsync(options with { Progress = null }, default)).Mode);
    }

    [Fact]
    public async Task A_check_before_a_backup_held_every_finding_of_a_file_that_is_damaged_all_over()
    {
        await using var place = new Workplace();
        var path = Databases.Create(place.PathOf("app.db"), "PRAGMA page_size = 512", "CREATE TABLE a(n)");
        var pages = new byte[4];
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.SetLength(file.Length + (5000 * 512));
            BinaryPrimitives.WriteInt32BigEndian(pages, (int)(file.Length / 512));
        }

        Databases.Overwrite(path, 28, pages);

        using var connection = SqliteContent.Open(path, SqliteOpenMode.ReadOnly);
        Assert.InRange(SqliteContent.Check(connection).Damage.Count, 1, 20);
    }

    /// <summary>Damages the copy when a good part of it is written.</summary>
    private sealed class Damage(string folder) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) =>
            Databases.Overwrite(Directory.GetFiles(folder, "*.tmp").Single(), 300 * PageSize, [.. Enumerable.Repeat((byte)0x5a, PageSize)]);
    }
}
