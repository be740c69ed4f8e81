using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Tests.Backups;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>What is done beside a log or a journal, with page 1 in it, that may not be the database's own.</summary>
public class LogDangerTests
{
    private const string More = "CREATE TABLE m1(a); CREATE TABLE m2(a); CREATE TABLE m3(a);";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_took_what_another_databases_log_or_a_damaged_one_gives_for_sound(bool foreign)
    {
        await using var place = new Place();
        PutWrongLog(place, foreign);
        var before = Databases.Trace(place.Data);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => SqliteBackups.BackUpAsync(place.Work, place.Database));
        Assert.Equal(ErrorIds.CheckFailed, refused.ErrorId);
        Assert.Contains("-wal", refused.Message, StringComparison.Ordinal);

        var evidence = await SqliteBackups.BackUpAsync(place.Work, place.Database, force: true);
        Assert.Equal(BackupMode.Forensic, evidence.Mode);
        Assert.Equal(["database", "wal"], evidence.Files.Select(file => file.Role));
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task A_log_of_a_smaller_database_was_taken_for_the_files_own_and_checkpointed_into_it()
    {
        await using var place = new Place();
        PutForeignLog(place);
        Assert.NotNull(WalFile.Read(place.Database + "-wal", 4096, everything: false, default)!.Header);

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Equal(Severity.Critical, Assert.Single(issues, issue => issue.Type == IssueTypes.ForeignWal).Severity);
        Assert.DoesNotContain((await place.Work.PlanAsync(issues)).Operations, operation => operation.Type == OperationTypes.Checkpoint);
    }

    [Fact]
    public async Task A_log_that_replaces_every_page_was_checkpointed_without_asking_whose_it_is()
    {
        await using var place = new Place();
        PutWholeLog(place);

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Contains("replaces every page", Assert.Single(issues, issue => issue.Type == IssueTypes.HotJournal).Message, StringComparison.Ordinal);
        Assert.DoesNotContain((await place.Work.PlanAsync(issues)).Operations, operation => operation.Type == OperationTypes.Checkpoint);
    }

    [Fact]
    public async Task A_repair_of_rows_wrote_a_log_that_replaces_every_page_into_the_file_for_good()
    {
        await using var place = new Place();
        PutWholeLog(place);
        var before = Databases.Trace(place.Data);
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.RunAsync(plan).AsTask());

        Assert.Contains("replaces every page", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task A_backup_beside_a_log_that_replaces_every_page_counted_as_verified_and_the_undo_of_a_restore_applied_it()
    {
        await using var place = new Place();
        PutWholeLog(place);
        var before = (await File.ReadAllBytesAsync(place.Database), await File.ReadAllBytesAsync(place.Database + "-wal"));

        var made = await SqliteBackups.BackUpAsync(place.Work, place.Database);

        Assert.Null(made.VerifiedAt);
        Assert.Contains(made.Remarks, remark => remark.Contains("replaces every page", StringComparison.Ordinal));
        var salvaged = Salvager.Run(new SalvageOptions { Path = place.Database, Destination = place.Work.PathOf("new.db") }, default);
        Assert.Contains(salvaged.Notes, note => note.Contains("--wal ignore", StringComparison.Ordinal));

        var report = await SqliteBackups.RestoreAsync(place.Work, made, place.Database, overwrite: true);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(report.ExecutionId))).Outcome);
        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(place.Database));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(place.Database + "-wal"));
    }

    [Theory]
    [InlineData("OFF", 20, "belongs to another one")]
    [InlineData("FULL", 700, "may belong to another one")]
    public async Task A_journal_of_another_database_with_page_1_was_taken_for_the_files_own(string synchronous, int rows, string told)
    {
        await using var place = new Place();
        PutForeignJournal(place, synchronous, rows);
        Assert.NotNull(RollbackJournal.Read(place.Database + "-journal", everything: false, default)!.Header);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "journal");

        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Contains(told, issue.Message, StringComparison.Ordinal);
        var salvaged = Salvager.Run(new SalvageOptions { Path = place.Database, Destination = place.Work.PathOf("new.db") }, default);
        Assert.Contains(salvaged.Notes, note => note.Contains(rows < 500 ? "was left out" : "locking_mode = EXCLUSIVE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_beside_another_ones_log_had_a_health_of_100()
    {
        await using var place = new Place();
        PutForeignLog(place);

        var health = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);

        Assert.Equal((null, HealthStatus.Unhealthy), (health.HealthScore, health.Status));
        Assert.Contains(health.Checks, check => check.Reason.Contains("belongs to another database", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-wal", true)]
    [InlineData("-wal", false)]
    [InlineData("-journal", true)]
    public async Task An_undo_of_a_restore_united_a_database_with_a_log_or_a_journal_that_is_another_ones_or_damaged(string companion, bool foreign)
    {
        await using var place = new Place();
        if (companion == "-wal")
        {
            PutWrongLog(place, foreign);
        }
        else
        {
            PutForeignJournal(place, "OFF", 20);
        }

        var good = place.Work.PathOf("good.db");
        Make(good, 50, "WAL", string.Empty);
        var made = await SqliteBackups.BackUpAsync(place.Work, good);
        var before = (await File.ReadAllBytesAsync(place.Database), await File.ReadAllBytesAsync(place.Database + companion));

        var report = await SqliteBackups.RestoreAsync(place.Work, made, place.Database, overwrite: true);
        Assert.False(File.Exists(place.Database + companion));
        var undo = await place.Work.Engine.PlanUndoAsync(report.ExecutionId!, null, record: true, default);
        var result = Assert.Single(await place.Work.RunAsync(undo));
        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);

        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(place.Database));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(place.Database + companion));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dry_run_of_optimize_promised_a_checkpoint_of_a_log_that_the_run_refuses(bool dryRun)
    {
        await using var place = new Place();
        PutForeignLog(place);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun, force: false, default));

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains("belongs to another database", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("healarr")]
    public async Task A_summary_of_a_database_beside_another_ones_log_ended_in_a_stack_trace(string? definition)
    {
        await using var place = new Place();
        PutForeignLog(place);
        var options = new SummaryOptions { Store = place.Database, Definition = definition };

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Summaries.TestAsync(options, default));

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains("belongs to another database", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, (await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Summaries.PlanUpdateAsync(options, default))).Message);
    }

    [Fact]
    public async Task A_scan_told_what_another_databases_log_makes_of_a_sound_file_as_damage_of_the_file_and_planned_a_salvage()
    {
        await using var place = new Place();
        PutForeignLog(place);

        var (issues, report) = await place.Work.ScanAsync(new ScanOptions { Store = place.Database });

        Assert.Equal([IssueTypes.ForeignWal], issues.Where(issue => issue.Severity >= Severity.High).Select(issue => issue.Type));
        Assert.Contains(report.Remarks, remark => remark.Contains("without it", StringComparison.Ordinal));

        // What is wrong with the file itself is told and planned all the same.
        Databases.Overwrite(place.Database, 4096, 0x55, 0xaa);
        var operations = (await place.Work.PlanAsync(await place.ScanWithoutTraceAsync())).Operations;
        Assert.Equal(OperationTypes.Salvage, Assert.Single(operations, operation => !operation.NeedsReview).Type);
    }

    [Fact]
    public async Task A_row_that_breaks_a_rule_is_not_planned_beside_another_databases_log()
    {
        await using var place = new Place();
        PutForeignLog(place, "CREATE TABLE child(id INTEGER PRIMARY KEY, setting REFERENCES setting(key)); INSERT INTO child VALUES (1, 'none');");

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Contains(issues, issue => issue.Type == IssueTypes.ForeignKeyViolation);
        Assert.All((await place.Work.PlanAsync(issues)).Operations, operation => Assert.True(operation.NeedsReview, operation.Reason));
    }

    private static void PutWrongLog(Place place, bool foreign)
    {
        if (foreign)
        {
            PutForeignLog(place);
            return;
        }

        LeaveLog(place.Database, 500, string.Empty, "CREATE TABLE x(a); INSERT INTO x VALUES(1); INSERT INTO x VALUES(2); INSERT INTO x VALUES(3)");
        Databases.Overwrite(place.Database + "-wal", 32 + 500, 0x55, 0xaa);
    }

    private static void PutForeignJournal(Place place, string synchronous, int rows)
    {
        var other = place.Work.PathOf("other.db");
        Make(other, 500, "DELETE", string.Empty);
        Make(place.Database, rows, "DELETE", string.Empty);
        using var application = SqliteBackups.Open(other);
        SqliteBackups.Execute(application, $"PRAGMA synchronous = {synchronous}; PRAGMA cache_size = 5; BEGIN; UPDATE users SET name = 'A changed ' || name");
        File.Copy(other + "-journal", place.Database + "-journal");
    }

    private static void PutForeignLog(Place place, string own = "")
    {
        var other = place.Work.PathOf("other.db");
        Make(place.Database, 500, "WAL", own);
        LeaveLog(other, 200, More, "CREATE TABLE late(a); UPDATE setting SET value = 'foreign'");
        File.Copy(other + "-wal", place.Database + "-wal");
    }

    private static void Make(string path, int rows, string mode, string first)
    {
        Databases.Create(path, $"PRAGMA journal_mode = {mode}", first + Content(rows));
        Assert.False(File.Exists(path + "-wal"));
    }

    private static string Content(int rows) => $"""
        CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT); INSERT INTO setting VALUES('a', 'own');
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO users SELECT i, 'user ' || i || hex(zeroblob(50)) FROM n;
        """;

    /// <summary>Leaves a database with what was done last in its log alone, as a killed process does.</summary>
    private static void LeaveLog(string path, int rows, string first, string last, bool checkpointed = true)
    {
        var source = path + ".source";
        using var application = SqliteBackups.Open(source);
        SqliteBackups.Execute(application, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + first + Content(rows) + (checkpointed ? "PRAGMA wal_checkpoint(TRUNCATE);" : string.Empty) + last);
        File.Copy(source, path);
        File.Copy(source + "-wal", path + "-wal");
    }

    private static void PutWholeLog(Place place)
    {
        Make(place.Database, 20, "WAL", string.Empty);
        var other = place.Work.PathOf("other.db");
        LeaveLog(
            other, 60, "PRAGMA foreign_keys = OFF; CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES m1(a)); INSERT INTO child VALUES(1, 5);" + More.Replace("m1(a)", "m1(a INTEGER PRIMARY KEY)", StringComparison.Ordinal),
            string.Empty, checkpointed: false);
        File.Copy(other + "-wal", place.Database + "-wal");
    }
}
