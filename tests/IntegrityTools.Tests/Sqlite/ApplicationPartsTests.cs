using IntegrityTools.Model;
using IntegrityTools.Tests.Backups;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Databases whose tables are ordered by a collation, and indexed by a function, that only their application has.</summary>
public class ApplicationPartsTests
{
    [Fact]
    public async Task A_sound_database_was_called_damaged_and_what_can_be_checked_of_it_is()
    {
        await using var place = new Place();
        Make(place.Database, "delete");

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Equal(
            ["cards", "children(p)", "notes", "words"],
            issues.Where(issue => issue.Type == IssueTypes.UncheckedConstraint).Select(issue => issue.Subject).Order(StringComparer.Ordinal));
        Assert.All(issues.Where(issue => issue.Type == IssueTypes.UncheckedConstraint), issue => Assert.Equal(Severity.Info, issue.Severity));
        Assert.Equal("children/2", Assert.Single(issues, issue => issue.Severity > Severity.Info).Subject);
        Assert.Contains("no such collation sequence: unicase", Assert.Single(issues, issue => issue.Subject == "words").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_table_that_cannot_be_checked_damage_of_another_is_found()
    {
        await using var place = new Place();
        Make(place.Database, "delete");
        var root = (long)Databases.Ask(place.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'plain_v'")!;
        Databases.Overwrite(place.Database, (root - 1) * 4096, new byte[8]);

        Assert.Contains(await place.ScanWithoutTraceAsync(), issue => issue.Severity >= Severity.High && issue.Type is IssueTypes.IndexMismatch or IssueTypes.DamagedPage);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("wal")]
    public async Task It_could_not_be_backed_up_at_all(string mode)
    {
        await using var place = new Place();
        Make(place.Database, mode);

        var made = await SqliteBackups.BackUpAsync(place.Work, place.Database);

        Assert.Equal(BackupMode.Full, made.Mode);
        Assert.Null(made.VerifiedAt);
        Assert.Equal((2, 2, 1), (made.Counts["words"], made.Counts["notes"], made.Counts["plain"]));
        var told = Assert.Single(made.Remarks, remark => remark.Contains("counts as not verified", StringComparison.Ordinal));
        Assert.Contains("of all tables but ", told, StringComparison.Ordinal);
        Assert.Contains("words (no such collation sequence: unicase)", told, StringComparison.Ordinal);
        Assert.Contains("notes (no such collation sequence: unicase)", told, StringComparison.Ordinal);
        Assert.DoesNotContain("plain (", told, StringComparison.Ordinal);
        var copy = place.Work.PathOf("copy.db");
        await SqliteBackups.RestoreAsync(place.Work, made, copy);
        using var application = Application(copy);
        using var words = application.CreateCommand();
        words.CommandText = "SELECT group_concat(word) FROM (SELECT word FROM words ORDER BY word DESC)";
        Assert.Equal("b,A", words.ExecuteScalar());
    }

    [Fact]
    public async Task Beside_a_table_that_cannot_be_checked_a_damaged_one_was_backed_up_as_if_it_were_sound()
    {
        await using var place = new Place();
        Make(place.Database, "delete");
        Databases.ChangeBehindIndex(place.Database, "plain_v", "UPDATE plain SET v = 3");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => SqliteBackups.BackUpAsync(place.Work, place.Database));

        Assert.Equal(ErrorIds.CheckFailed, refused.ErrorId);
        Assert.Contains("plain_v", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_of_its_backup_held_references_against_an_order_that_is_not_the_applications_and_called_sound_ones_broken()
    {
        await using var place = new Place();
        Make(place.Database, "delete");
        var made = await SqliteBackups.BackUpAsync(place.Work, place.Database);

        var tested = await place.Work.Engine.Backups.TestAsync(made.Path, null, null, default);

        Assert.True(tested.Ok);
        Assert.Equal(new Dictionary<string, int> { [IssueTypes.UncheckedConstraint] = 1 }, tested.IssuesByType);
    }

    [Fact]
    public async Task What_of_its_maintenance_needs_the_application_is_left()
    {
        await using var place = new Place();
        Make(place.Database, "delete");

        var report = await place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default);

        var step = Assert.Single(report.Steps, step => step.Outcome == MaintenanceOutcome.Left);
        Assert.Equal("optimize", step.Name);
        Assert.Contains("no such", step.Message, StringComparison.Ordinal);
    }

    private static void Make(string path, string mode)
    {
        using var application = Application(path);
        foreach (var statement in new[]
        {
            $"PRAGMA journal_mode = {mode}",
            "CREATE TABLE words (word TEXT COLLATE unicase PRIMARY KEY, n) WITHOUT ROWID",
            "INSERT INTO words VALUES ('A', 1), ('b', 2)",
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT COLLATE unicase)",
            "CREATE INDEX by_title ON notes (title)",
            "INSERT INTO notes VALUES (1, 'x'), (2, 'Y')",
            "CREATE TABLE cards (id INTEGER PRIMARY KEY, front)",
            "CREATE INDEX by_front ON cards (fold(front))",
            "INSERT INTO cards VALUES (1, 'x')",
            "CREATE TABLE plain (id INTEGER PRIMARY KEY, v)",
            "CREATE INDEX plain_v ON plain (v)",
            "INSERT INTO plain VALUES (1, 2)",
            "CREATE TABLE children (id INTEGER PRIMARY KEY, p REFERENCES words (word), q REFERENCES plain (id))",
            "CREATE INDEX by_p ON children (p)",
            "CREATE INDEX by_q ON children (q)",
            "INSERT INTO children VALUES (1, 'a', 1), (2, 'nowhere', 77)",
        })
        {
            Databases.Run(application, statement);
        }
    }

    private static Microsoft.Data.Sqlite.SqliteConnection Application(string path)
    {
        var application = Databases.Open(path);
        application.CreateCollation("unicase", (one, other) => string.Compare(one, other, StringComparison.OrdinalIgnoreCase));
        application.CreateFunction("fold", (string text) => text.ToUpperInvariant(), isDeterministic: true);
        return application;
    }
}
