using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Rows that are read and written while an application in rollback mode writes, too.</summary>
public class BusyRowsTests
{
    private const string Table = "CREATE TABLE t(id INTEGER PRIMARY KEY, v)";

    // More than the cache holds: pages of the file are changed, and the journal is flushed before that.
    private const string Many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(randomblob(200)) FROM n";

    [Fact]
    public async Task A_row_that_was_read_while_another_process_committed_ended_planning_and_undo_in_a_stack_trace()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table, "INSERT INTO t VALUES (1, 'x')");
        using var reader = QuietReader.ForRows(place.Database, default);
        Assert.Equal(ReadingMode.Locked, reader.Mode);
        var rows = new RowAccess(reader.Connection);
        Assert.NotNull(rows.Shape("t"));
        using var application = Databases.Open(place.Database);
        Databases.Run(application, "BEGIN EXCLUSIVE");

        var read = Task.Run(() => rows.Read("t", RawJson.FromText("[1]")));
        await Task.WhenAny(read, Task.Delay(200));
        Databases.Run(application, "COMMIT");

        Assert.Equal("\"x\"", (await read)!.Of("v").ToJson().Text);
    }

    [Fact]
    public async Task A_repair_slept_for_whole_seconds_beside_a_busy_writer_and_rarely_met_the_moment_between_two_of_its_commits()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        using var application = Databases.Open(place.Database);
        Databases.Run(application, "BEGIN IMMEDIATE");
        using var writer = SqliteWriter.Open(place.Database, alone: false);
        var pauses = new List<int>();
        BusyWait.Pausing = pause =>
        {
            pauses.Add(pause);
            if (pause == 2)
            {
                Databases.Run(application, "COMMIT");
            }
        };

        // Past the layer that tries again by itself.
        Assert.Equal(SQLitePCL.raw.SQLITE_OK, SQLitePCL.raw.sqlite3_exec(writer.Handle, "BEGIN IMMEDIATE"));

        Assert.Equal([0, 1, 2], pauses);
    }

    [Fact]
    public async Task A_repair_that_was_cancelled_while_it_waited_for_another_process_went_on_waiting_and_then_called_that_a_failure()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p); INSERT INTO c VALUES (1, 9)");
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));
        using var application = Databases.Open(place.Database);
        Databases.Run(application, "BEGIN IMMEDIATE");
        using var interrupt = new CancellationTokenSource();
        BusyWait.Pausing = pauses => interrupt.Cancel();

        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await place.Work.RunAsync(plan, cancellationToken: interrupt.Token));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);

        Databases.Run(application, "ROLLBACK");
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.ResumeAsync(place.Work.Execution!.Id)).Outcome);
    }

    [Fact]
    public async Task A_scan_that_met_a_long_transaction_between_two_of_its_checks_waited_for_ever_and_could_not_be_cancelled()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table, "INSERT INTO t VALUES (1, 'x')");
        var files = DatabaseFiles.Find(place.Database);
        using var reader = QuietReader.Open(files, underLock: true, default);
        using var application = Databases.Open(place.Database);
        Databases.Run(application, "BEGIN EXCLUSIVE");
        using var interrupt = new CancellationTokenSource();
        BusyWait.Pausing = pauses => interrupt.Cancel();

        var check = Task.Run(() => BusyWait.Run(() => new CheckAnswers(reader.Connection, () => [], SqliteCheck.Integrity, most: 20).Read(), interrupt.Token));
        var ended = await Task.WhenAny(check, Task.Delay(TimeSpan.FromSeconds(30)));
        Databases.Run(application, "ROLLBACK");

        Assert.Same(check, ended);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    [Fact]
    public async Task A_scan_let_go_of_its_lock_before_it_went_through_the_pages_and_called_a_sound_database_damaged_that_was_written_to()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table, "INSERT INTO t VALUES (1, 'x')");
        using var application = new Session(place.Database);
        Task? writing = null;
        var written = false;
        PageWalk.Holds = () =>
        {
            writing ??= Task.Run(() => application.Run("INSERT INTO t VALUES (2, 'y')"));
            written |= writing.Wait(TimeSpan.FromMilliseconds(500));
        };

        // As the second reading of a database that was written to during the first.
        var files = DatabaseFiles.Find(place.Database);
        var context = new CheckContext
        {
            Request = new ScanRequest { ScanId = "scan", Types = IssueTypes.OfSqlite, MinimumSeverity = Severity.Medium },
            Store = "sqlite:app.db",
            Files = files,
            Header = files.RequireHeader(),
            Settings = new SqliteSettings(),
        };
        using (var pass = new ScanPass(context, underLock: true))
        {
            Assert.DoesNotContain(pass.Run(), issue => issue.Type == IssueTypes.DamagedPage);
        }

        await writing!;
        Assert.False(written);
    }

    [Fact]
    public async Task The_journal_of_a_transaction_that_is_under_way_was_taken_for_one_that_a_killed_process_left()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        using var application = Databases.Open(place.Database);
        Databases.Run(application, "PRAGMA cache_size = 1");
        Databases.Run(application, "BEGIN");
        Databases.Run(application, Many);

        var open = Task.Run(() => SqliteWriter.Open(place.Database, alone: false).Dispose());
        await Task.WhenAny(open, Task.Delay(200));
        Databases.Run(application, "COMMIT");

        await open;
        Assert.Equal(5000L, Databases.Ask(place.Database, "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_journal_that_a_killed_process_left_is_not_rolled_back_by_a_repair()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Table);
        using var session = new Session(place.Database);
        session.Run("PRAGMA cache_size = 1");
        session.Run("BEGIN");
        session.Run(Many);
        session.Kill();

        var refused = Assert.Throws<IntegrityException>(() => SqliteWriter.Open(place.Database, alone: false));

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
    }
}
