using IntegrityTools.Model;
using IntegrityTools.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Repairs of rows, indexes and logs, and back again.</summary>
public class RowRepairTests
{
    // A text with a NUL, an empty one, a blob, a real that decimal digits hide, the largest integer: all must come back as they were.
    private static readonly string[] Orphans =
    [
        "INSERT INTO item VALUES (-5, 12345, x''), (9007199254740993, 12346, x'00ff'), (77, 12347, 'a text in a blob''s place')",
        "INSERT INTO \"order\" VALUES (700, 55555, 'a' || char(0) || 'b', 0.1 + 0.2), (701, 55556, '', 9e999), (702, 55557, CAST(x'ff41' AS TEXT), 9223372036854775807)",
        "INSERT INTO tag VALUES ('t', 1, 66666), ('t', 2, 1)",
    ];

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public async Task Orphans_are_repaired_and_an_undo_gives_back_the_same_rows(string mode)
    {
        await using var place = new Place();
        Databases.Create(place.Database, [$"PRAGMA journal_mode = {mode}", Databases.Shop, .. Orphans]);
        Databases.Create(place.Database, "CREATE TRIGGER t AFTER DELETE ON item BEGIN DELETE FROM customer; END");
        var before = Rows(place.Database);
        var issues = await place.ScanWithoutTraceAsync();
        Assert.Equal(7, issues.Count(issue => issue.Type == IssueTypes.ForeignKeyViolation));

        var plan = await place.Work.PlanAsync(issues);
        Assert.Equal(7, plan.Automatic);
        Assert.Equal(Risk.High, plan.HighestRisk);
        Assert.All((await place.Work.RunAsync(plan)).Where(result => result.Type != OperationTypes.Review), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Type == IssueTypes.ForeignKeyViolation);
        Assert.Equal(300L, Databases.Ask(place.Database, "SELECT count(*) FROM customer"));
        Assert.Equal(1L, Databases.Ask(place.Database, "SELECT count(*) FROM \"order\" WHERE id = 700 AND customer_id IS NULL AND amount = 0.1 + 0.2"));
        var repaired = Rows(place.Database);

        var undo = await place.Work.PlanUndoAsync();
        Assert.Equal(7, undo.Automatic);
        Assert.All(await place.Work.RunAsync(undo), result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Outcome} {result.Message}"));
        Assert.Equal(before, Rows(place.Database));

        // An undo can be taken back like anything else.
        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.Equal(repaired, Rows(place.Database));
        Assert.Empty((await place.Work.VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_row_that_was_changed_since_the_plan_is_left_alone()
    {
        await using var place = new Place();
        Databases.Create(place.Database, [Databases.Shop, .. Orphans]);
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));
        Databases.Create(place.Database, "UPDATE \"order\" SET note = 'x' WHERE id = 700", "DELETE FROM item WHERE id = 77");
        var results = await place.Work.RunAsync(plan);
        Assert.Equal(["item/77", "order/700"], results.Where(result => result.Outcome == OperationOutcome.Stale).Select(result => result.Subject).Order());
        Assert.Equal(5, results.Count(result => result.Outcome == OperationOutcome.Applied));
        Assert.Equal(55555L, Databases.Ask(place.Database, "SELECT customer_id FROM \"order\" WHERE id = 700"));

        // What somebody wrote after the repair is not undone either.
        Databases.Create(place.Database, "UPDATE \"order\" SET note = 'mine' WHERE id = 701");
        var undone = await place.Work.RunAsync(await place.Work.PlanUndoAsync());
        Assert.Equal("order/701", Assert.Single(undone, result => result.Outcome == OperationOutcome.Stale).Subject);
        Assert.Equal("mine", Databases.Ask(place.Database, "SELECT note FROM \"order\" WHERE id = 701"));
    }

    [Fact]
    public async Task An_index_is_made_anew_and_proved_right()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Databases.ChangeBehindIndex(place.Database, "order_customer", "UPDATE \"order\" SET customer_id = 9 WHERE id = 3");
        var plan = await place.Work.PlanAsync(await place.ScanAsync());
        var result = Assert.Single(await place.Work.RunAsync(plan), result => result.Type == OperationTypes.Reindex);
        Assert.Equal((OperationOutcome.Applied, Risk.Low), (result.Outcome, result.Risk));
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Severity > Severity.Info);
        Assert.Equal(0, (await place.Work.PlanUndoAsync()).Automatic);
    }

    [Fact]
    public async Task A_checkpoint_is_never_made_beside_another_process_while_the_library_has_the_bug()
    {
        await using var place = new Place(configuration: "sqlite: { wal_limit_mb: 1 }\n");
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("PRAGMA wal_autocheckpoint = 0");
        session.Run("CREATE TABLE big AS SELECT hex(randomblob(3000)) FROM customer");
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.OversizedWal));
        var length = new FileInfo(place.Database + "-wal").Length;
        var result = Assert.Single(await place.Work.RunAsync(plan));
        if (LibraryBug.WalReset.IsIn(Version.Parse(SqliteRuntime.Version)))
        {
            Assert.Equal(OperationOutcome.Failed, result.Outcome);
            Assert.Contains("Another process", result.Message, StringComparison.Ordinal);
            Assert.Equal(length, new FileInfo(place.Database + "-wal").Length);
            session.Kill();
            result = Assert.Single(await place.Work.ResumeAsync(place.Work.Execution!.Id));
        }

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.False(File.Exists(place.Database + "-wal") && new FileInfo(place.Database + "-wal").Length > 0);
        Assert.Equal(300L, Databases.Ask(place.Database, "SELECT count(*) FROM big"));
    }

    private static List<string> Rows(string path)
    {
        var rows = new List<string>();
        using var connection = Databases.Open(path);
        foreach (var query in new[]
        {
            "SELECT _rowid_, quote(id), quote(order_id), typeof(data), hex(data) FROM item",
            "SELECT _rowid_, quote(id), quote(customer_id), typeof(note) || hex(note), typeof(amount) || quote(amount) FROM \"order\"",
            "SELECT name, number, quote(customer_id), '', '' FROM tag",
            "SELECT id, name, '', '', '' FROM customer",
        })
        {
            using var command = connection.CreateCommand();
            command.CommandText = query;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(string.Join('|', Enumerable.Range(0, 5).Select(column => reader.GetString(column))));
            }
        }

        return rows;
    }
}
