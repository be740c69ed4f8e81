using IntegrityTools.Model;
using IntegrityTools.Sqlite.Scanning;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Scanning, planning and dry runs leave every file of a database as it was, and make none.</summary>
public class TracelessScanTests
{
    private const string Orphan = "INSERT INTO item VALUES (900, 12345, x'00ff')";

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public async Task A_database_that_nobody_has_open_is_left_as_it_was(string mode)
    {
        await using var place = new Place();
        Databases.Create(place.Database, $"PRAGMA journal_mode = {mode}", Databases.Shop, Orphan);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
    }

    [Theory]
    [InlineData("DELETE", 1)]
    [InlineData("WAL", 3)]
    public async Task A_database_that_another_process_has_open_is_left_as_it_was_and_its_last_commit_is_seen(string mode, int files)
    {
        await using var place = new Place();
        Databases.Create(place.Database, $"PRAGMA journal_mode = {mode}", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run(Orphan);
        Assert.Equal(files, Databases.Trace(place.Data).Count);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");

        // It goes on as before, and the next scan sees what it does.
        session.Run("DELETE FROM item");
        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
    }

    [Fact]
    public async Task A_transaction_that_another_process_has_open_is_neither_seen_nor_disturbed()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("BEGIN IMMEDIATE");
        session.Run(Orphan);
        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
        session.Run("COMMIT");
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
    }

    [Fact]
    public async Task A_database_that_another_process_writes_under_lock_is_told_as_locked_and_not_as_damaged()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA cache_size = 1");
        session.Run("BEGIN EXCLUSIVE");
        session.Run("UPDATE \"order\" SET note = hex(randomblob(40))");
        var before = Databases.Trace(place.Data);
        var failure = await Assert.ThrowsAsync<IntegrityException>(async () => await place.ScanAsync());
        Assert.Equal(before, Databases.Trace(place.Data));
        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
        Assert.Contains("locked", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_log_of_a_killed_process_is_read_and_stays(bool withIndex)
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using (var session = new Session(place.Database))
        {
            session.Run(Orphan);
        }

        if (!withIndex)
        {
            File.Delete(place.Database + "-shm");
        }

        var issues = await place.ScanWithoutTraceAsync();
        Assert.Contains(issues, issue => issue.Subject == "item/900");
        Assert.Equal(!withIndex, issues.Exists(issue => issue is { Type: IssueTypes.HotJournal, Subject: "wal" }));
    }

    [Fact]
    public async Task A_hot_journal_is_told_and_not_rolled_back()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        using (var session = new Session(place.Database))
        {
            session.Run("PRAGMA cache_size = 1");
            session.Run("BEGIN");
            session.Run("UPDATE \"order\" SET customer_id = 99999");
        }

        var issues = await place.ScanWithoutTraceAsync();
        Assert.Equal(Severity.High, Assert.Single(issues, issue => issue.Type == IssueTypes.HotJournal).Severity);

        // The rows are those before the transaction that was cut off.
        Assert.DoesNotContain(issues, issue => issue.Type == IssueTypes.ForeignKeyViolation);
    }

    [SkippableFact]
    public async Task A_database_in_a_folder_that_cannot_be_written_is_scanned()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new SkipException("Folders are made read-only by their mode there.");
        }

        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop, Orphan);
        var mode = File.GetUnixFileMode(place.Data);
        File.SetUnixFileMode(place.Data, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
        }
        finally
        {
            File.SetUnixFileMode(place.Data, mode);
        }
    }

    [Theory]
    [InlineData("with space.db")]
    [InlineData("o'brien \"x\".db")]
    [InlineData("100%41?mode=memory#.db")]
    [InlineData("ümläut ;DROP.sqlite3")]
    public async Task Names_that_mean_something_to_SQL_or_to_URIs_are_names(string name)
    {
        await using var place = new Place(name);
        Databases.Create(place.Database, Databases.Shop, Orphan);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "item/900");
    }

    [SkippableFact]
    public async Task A_link_is_followed_to_the_database_and_its_log()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need rights there.");
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        var link = place.Work.PathOf("link.db");
        File.CreateSymbolicLink(link, place.Database);
        using var session = new Session(place.Database);
        session.Run(Orphan);
        Assert.Contains(await place.Work.ScanAsync(link), issue => issue.Subject == "item/900");
        Assert.False(File.Exists(link + "-wal"));
    }

    [Fact]
    public async Task A_database_that_is_written_to_all_the_time_gives_no_false_faults()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA wal_autocheckpoint = 20");
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            var written = 0;
            for (; !enough.IsCancellationRequested; written++)
            {
                session.Run($"INSERT INTO \"order\" (customer_id, note) VALUES ({1 + (written % 300)}, hex(randomblob(500)))");
            }

            return written;
        });
        for (var scan = 0; scan < 5; scan++)
        {
            Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Severity >= Severity.High);
        }

        await enough.CancelAsync();
        Assert.NotEqual(0, await writing);
    }

    [Fact]
    public async Task A_writer_that_never_rests_keeps_header_and_log_unchecked_which_is_told_and_resolves_nothing()
    {
        await using var place = new Place(configuration: "resolution: {}\nsqlite: { wal_limit_mb: 1 }\n");
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA wal_autocheckpoint = 0");
        session.Run("CREATE TABLE blob (x)");
        session.Run("INSERT INTO blob VALUES (randomblob(3000000))");
        Databases.Overwrite(place.Database, 56, 0, 0, 0, 9);
        Assert.Contains(await place.ScanAsync(), issue => issue is { Type: IssueTypes.DamagedPage, Subject: "page:1" });

        ScanPass.HasReadBytes = () => session.Run("INSERT INTO blob VALUES (1)");
        try
        {
            var (issues, report) = await place.Work.ScanAsync(new ScanOptions { Store = "sqlite:" + place.Database });
            Assert.Contains(report.Remarks, remark => remark.Contains("were not checked", StringComparison.Ordinal));
            Assert.DoesNotContain(issues, issue => issue.Subject == "page:1");
            Assert.Contains(issues, issue => issue.Type == IssueTypes.OversizedWal);
        }
        finally
        {
            ScanPass.HasReadBytes = null;
        }

        Assert.Equal(IssueStatus.Open, (await place.Work.Engine.Issues.ListAsync(new ScanOptions(), Enum.GetValues<IssueStatus>(), default).ToListAsync()).Single(issue => issue.Subject == "page:1").Status);
    }
}
