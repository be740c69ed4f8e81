using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>The states of a write-ahead log, of which SQLite tells none.</summary>
public class LogTests
{
    private const int FrameLength = 24 + 4096;

    [Fact]
    public async Task A_flipped_byte_in_the_middle_of_a_log_hides_later_commits_and_is_told()
    {
        await using var place = new Place();
        Leave(place);
        Databases.Overwrite(place.Database + "-wal", 32 + (2 * FrameLength) + 500, 0x55);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedWal);
        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Contains("Frame 3", issue.Message, StringComparison.Ordinal);

        // Opening it to repair something else would lose those commits for good.
        Databases.Create(place.Work.PathOf("other.db"), Databases.Shop);
        var plan = await place.Work.PlanAsync([issue]);
        Assert.Equal(0, plan.Automatic);
    }

    [Fact]
    public async Task The_journal_of_a_transaction_that_was_under_way_was_told_as_one_that_a_killed_process_left()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        using var session = new Session(place.Database);

        // Without flushes SQLite writes the journal's beginning at once.
        session.Run("PRAGMA synchronous = OFF");
        session.Run("BEGIN IMMEDIATE");
        session.Run("CREATE TABLE more(v)");
        Assert.NotNull(RollbackJournal.Read(place.Database + "-journal", everything: false, default));

        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.HotJournal);

        session.Kill();
        Assert.Contains("A process was killed in it", Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.HotJournal).Message, StringComparison.Ordinal);

        // As SQLite ends the journal of a transaction over several databases: page, name, length, sum, magic number.
        var name = System.Text.Encoding.UTF8.GetBytes(place.Database + "-mj0123456789");
        byte[] end = [0, 0, 0, 0, .. name, .. new byte[8], 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(end.Length - 16), name.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(end.AsSpan(end.Length - 12), name.Sum(value => (sbyte)value));
        await File.AppendAllBytesAsync(place.Database + "-journal", end);

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.HotJournal);
        Assert.Contains("deletes the journal and applies none of it", issue.Message, StringComparison.Ordinal);
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));
        Assert.False(File.Exists(place.Database + "-journal"));
    }

    [Fact]
    public async Task A_log_whose_header_is_gone_is_told()
    {
        await using var place = new Place();
        Leave(place);
        Databases.Overwrite(place.Database + "-wal", 0, new byte[32]);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue =>
            issue is { Type: IssueTypes.DamagedWal, Severity: Severity.Critical } && issue.Message.Contains("header", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_health_check_ended_in_a_stack_trace_when_the_log_was_removed_between_two_looks_at_it()
    {
        await using var place = new Place();
        Leave(place);
        var log = WalFile.Read(place.Database + "-wal", 4096, everything: false, default);
        Assert.NotEqual(0, log!.Commits);
        File.Delete(place.Database + "-wal");

        Assert.Null(PageOverlay.Of(log));
    }

    [Fact]
    public async Task A_log_that_ends_within_a_frame_loses_nothing_that_was_committed()
    {
        await using var place = new Place();
        Leave(place);
        using (var log = new FileStream(place.Database + "-wal", FileMode.Append))
        {
            log.Write(new byte[1000]);
        }

        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedWal);
    }

    [Fact]
    public async Task A_log_of_an_older_state_beside_a_newer_database_is_told_and_keeps_repairs_away()
    {
        await using var place = new Place();
        Leave(place);
        var log = await File.ReadAllBytesAsync(place.Database + "-wal");
        Databases.Create(place.Database, "PRAGMA wal_checkpoint(TRUNCATE)", "CREATE TABLE later (x)", "CREATE TABLE latest (x)", "INSERT INTO item VALUES (901, 7777, NULL)");
        var issues = await place.ScanAsync();
        var plan = await place.Work.PlanAsync(issues.Where(issue => issue.Subject == "item/901"));
        await File.WriteAllBytesAsync(place.Database + "-wal", log);
        Assert.Equal(
            Severity.Critical, Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.ForeignWal).Severity);
        var before = Databases.Trace(place.Data);
        var refused = await Assert.ThrowsAsync<IntegrityException>(async () => await place.Work.RunAsync(plan));
        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task A_log_above_the_configured_size_is_told()
    {
        await using var place = new Place(configuration: "sqlite: { wal_limit_mb: 1 }\n");
        Leave(place, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO \"order\" (note) SELECT hex(randomblob(3000)) FROM n");
        Assert.Equal("wal", Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.OversizedWal).Subject);
    }

    [Fact]
    public async Task A_log_beside_a_database_in_rollback_mode_is_told_as_foreign()
    {
        await using var place = new Place();
        Leave(place);
        var log = await File.ReadAllBytesAsync(place.Database + "-wal");
        Databases.Create(place.Database, "PRAGMA journal_mode = DELETE");
        await File.WriteAllBytesAsync(place.Database + "-wal", log);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.ForeignWal);
        Assert.Contains("not in WAL mode", issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hot_journal_with_a_damaged_record_is_told_with_the_right_ones_behind_it()
    {
        await using var place = new Place();
        LeaveJournal(place);
        Databases.Overwrite(place.Database + "-journal", 512 + (2 * (4 + 4096 + 4)) + 4 + 4096 - 200, 0x55, 0xaa);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.HotJournal);
        Assert.Equal((Severity.Critical, "journal"), (issue.Severity, issue.Subject));
        Assert.Contains("Record 3 of the rollback journal is damaged", issue.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 right ones", issue.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PRAGMA user_version = 1;PRAGMA user_version = 2;PRAGMA user_version = 3", "begun after change")]
    [InlineData("PRAGMA page_size = 1024;VACUUM", "pages of 4096 bytes")]
    public async Task A_journal_of_another_state_or_another_database_is_told(string later, string told)
    {
        await using var place = new Place();
        LeaveJournal(place);
        var journal = await File.ReadAllBytesAsync(place.Database + "-journal");
        Databases.Create(place.Database, later.Split(';'));
        await File.WriteAllBytesAsync(place.Database + "-journal", journal);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.HotJournal);
        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Contains(told, issue.Message, StringComparison.Ordinal);
    }

    /// <summary>Leaves a database in the middle of a transaction, as a killed process does.</summary>
    private static void LeaveJournal(Place place)
    {
        Databases.Create(place.Database, Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA cache_size = 1");
        session.Run("BEGIN");
        session.Run("UPDATE \"order\" SET note = note || ' changed'");
    }

    /// <summary>Leaves a database with a log of several commits, as a killed process does.</summary>
    private static void Leave(Place place, string statement = "UPDATE customer SET name = 'again' WHERE id < 5")
    {
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using (var session = new Session(place.Database))
        {
            session.Run("PRAGMA wal_autocheckpoint = 0");
            for (var commit = 0; commit < 6; commit++)
            {
                session.Run(commit == 0 ? "CREATE TABLE extra (x)" : commit == 5 ? statement : $"INSERT INTO extra VALUES ({commit})");
            }
        }

        File.Delete(place.Database + "-shm");
    }
}
