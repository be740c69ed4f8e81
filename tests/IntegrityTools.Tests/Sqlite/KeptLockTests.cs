using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Health;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Two jobs of one process on one database: POSIX drops all locks of a process on a file when it closes any descriptor of it.</summary>
public class KeptLockTests
{
    private const string Table = "CREATE TABLE t(id INTEGER PRIMARY KEY)";

    [SkippableTheory]
    [InlineData("scan")]
    [InlineData("health")]
    [InlineData("digest")]
    [InlineData("backup")]
    [InlineData("evidence")]
    [InlineData("salvage")]
    [InlineData("restore")]
    [InlineData("schema")]
    [InlineData("copy")]
    public async Task A_job_took_away_the_lock_of_another_job_of_its_process_on_the_same_file(string job)
    {
        SkipWithoutLocks();
        await using var place = new Place();
        Databases.Create(place.Database, Table, "INSERT INTO t VALUES (1)", "CREATE TABLE last(v)");
        if (job == "evidence")
        {
            Databases.Overwrite(place.Database, new FileInfo(place.Database).Length * 2 / 3, 1);
        }

        using var reader = QuietReader.Open(DatabaseFiles.Find(place.Database), underLock: true, default);
        reader.Connection.Run("BEGIN; SELECT count(*) FROM t");
        Assert.True(IsLocked(place.Database));

        await RunAsync(job, place);

        Assert.True(IsLocked(place.Database));
    }

    [Fact]
    public async Task Another_process_committed_under_a_reader_whose_process_did_something_else_with_the_file()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table, "INSERT INTO t VALUES (1)");
        using var session = new Session(place.Database);
        Task writing;
        using (var reader = QuietReader.Open(DatabaseFiles.Find(place.Database), underLock: true, default))
        {
            reader.Connection.Run("BEGIN; SELECT count(*) FROM t");
            Assert.All(await place.ScanAsync(), issue => Assert.Equal(Severity.Info, issue.Severity));
            writing = Task.Run(() => session.Run("INSERT INTO t VALUES (2)"));
            Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(300)));
        }

        await writing;
    }

    [Fact]
    public async Task A_commit_went_to_a_log_that_another_process_had_removed_since_the_writers_lock_was_gone()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Table);
        using var writer = SqliteWriter.Open(place.Database, alone: false);
        writer.Run("INSERT INTO t VALUES (1)");
        await place.ScanAsync();
        using (var session = new Session(place.Database))
        {
            session.Run("INSERT INTO t VALUES (2)");
            session.Close();
        }

        writer.Run("INSERT INTO t VALUES (3)");

        using var reader = new Session(place.Database);
        Assert.Equal("ok 3", reader.Run("SELECT count(*) FROM t"));
    }

    [SkippableFact]
    public async Task A_scan_of_the_ledger_itself_took_away_the_locks_of_the_ledgers_own_connections()
    {
        SkipWithoutLocks();
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        await place.ScanAsync();
        var ledger = place.Work.PathOf("ledger.db");
        Assert.True(IsLocked(ledger));

        await place.Work.ScanAsync("sqlite:" + ledger);

        Assert.True(IsLocked(ledger));
    }

    [SkippableFact]
    public async Task A_handle_is_kept_and_lent_again_while_a_connection_is_open_that_may_take_a_lock_at_any_time()
    {
        SkipWithoutLocks();
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        var left = -1;
        using (var connection = SqliteWriter.Open(place.Database, alone: false))
        {
            connection.StateChange += (_, _) => left = Handles(place.Database);
            for (var time = 0; time < 3; time++)
            {
                using var one = DatabaseHandles.Open(place.Database);
                using var other = DatabaseHandles.Open(place.Database);
                Assert.Equal(one.Length, other.Seek(0, SeekOrigin.End));
                Assert.NotEqual(-1, one.ReadByte());
            }

            Assert.Equal(3, Handles(place.Database));
        }

        // SQLite's own is closed first.
        Assert.Equal(0, left);
    }

    [SkippableFact]
    public async Task Handles_are_known_by_their_file_whatever_has_its_name_by_now()
    {
        SkipWithoutLocks();
        await using var place = new Place();
        var (moved, next) = (place.Database + ".moved", place.Database + ".next");
        Databases.Create(place.Database, Table);
        Databases.Create(next, Table);
        using (SqliteContent.Open(place.Database, SqliteOpenMode.ReadWrite))
        {
            File.Move(place.Database, moved);
            File.Move(next, place.Database);
            DatabaseHandles.Open(place.Database).Dispose();
            DatabaseHandles.Open(moved).Dispose();
            Assert.Equal((0, 2), (Handles(place.Database), Handles(moved)));
        }

        Assert.Equal(0, Handles(moved));
    }

    [SkippableFact]
    public async Task The_lock_of_a_program_that_embeds_the_engine_outlasts_a_scan()
    {
        SkipWithoutLocks();
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        using var program = Databases.Open(place.Database);
        Databases.Run(program, "BEGIN IMMEDIATE");

        await place.ScanAsync();

        Assert.True(IsLocked(place.Database));
        Databases.Run(program, "COMMIT");
        DatabaseHandles.Open(place.Database).Dispose();
        Assert.Equal(1, Handles(place.Database));
    }

    private static async Task RunAsync(string job, Place place)
    {
        var result = place.Work.PathOf("result.db");
        switch (job)
        {
            case "scan":
                Assert.All(await place.ScanAsync(), issue => Assert.Equal(Severity.Info, issue.Severity));
                break;
            case "health":
                new SqliteHealth(place.Database, new(), null).Measure(default);
                break;
            case "digest":
                SourceDigest.Of(place.Database, default);
                break;
            case "backup" or "evidence":
                var options = new BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups"), Force = job == "evidence" };
                var backup = await place.Work.Engine.Backups.CreateAsync(options, default);
                Assert.Equal(job == "evidence" ? BackupMode.Forensic : BackupMode.Full, backup.Mode);
                break;
            case "salvage":
                Salvager.Run(new SalvageOptions { Path = place.Database, Destination = result }, default);
                break;
            case "restore":
                // It is refused, since another has the database open.
                Assert.Throws<IntegrityException>(() => DatabaseHold.Take(DatabaseFiles.At(place.Database)).Dispose());
                await FileStates.OfAsync(DatabaseFiles.At(place.Database), default);
                break;
            case "schema":
                GivenSchema.Read(place.Database);
                break;
            default:
                File.WriteAllBytes(place.Database + "-wal", new byte[32]);
                using (var copy = QuietReader.Open(DatabaseFiles.Find(place.Database), underLock: false, default))
                {
                    Assert.Equal(ReadingMode.Copy, copy.Mode);
                }

                break;
        }
    }

    private static void SkipWithoutLocks() => Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/proc/locks"), "Which locks a process holds is known on Linux.");

    private static bool IsLocked(string path) => OwnLocks.Inodes().Contains(FileIdentity.Of(path)!.Value.Inode);

    private static int Handles(string path) => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(handle => FileIdentity.Of(handle) == FileIdentity.Of(path));
}
