using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Repairs of rows and settings, and back again.</summary>
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
    public async Task An_undo_whose_rest_keeps_failing_does_not_keep_another_from_giving_back_what_was_put_right()
    {
        await using var place = new Place();
        var repair = await ThreeRepairedAsync(place);
        var plan = await place.Work.PlanUndoAsync(repair);
        Databases.Create(place.Database, "CREATE UNIQUE INDEX u ON c(CASE WHEN p_id = 99 OR id = 4 THEN 1 END)", "UPDATE c SET note = 'mine' WHERE id = 2");
        var first = await place.Work.RunAsync(plan);
        Assert.Equal(
            [("c/1", OperationOutcome.Failed), ("c/2", OperationOutcome.Stale), ("c/3", OperationOutcome.Applied)],
            first.Select(result => (result.Subject, result.Outcome)).Order());
        Assert.Equal(ExecutionStatus.Stopped, place.Work.Execution!.Status);
        Databases.Create(place.Database, "UPDATE c SET note = 'b' WHERE id = 2");

        var second = await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair));

        Assert.Equal([("c/1", OperationOutcome.Failed), ("c/2", OperationOutcome.Applied)], second.Select(result => (result.Subject, result.Outcome)).Order());
        Assert.Equal(98L, Databases.Ask(place.Database, "SELECT p_id FROM c WHERE id = 2"));
        Databases.Create(place.Database, "DROP INDEX u");
        Assert.Equal("c/1", Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair))).Subject);
        Assert.Equal(ExecutionStatus.Undone, (await place.Work.Engine.GetExecutionAsync(repair, default)).Status);
    }

    [Fact]
    public async Task An_execution_that_was_taken_back_in_parts_names_all_of_them_when_it_is_to_be_undone_again()
    {
        await using var place = new Place();
        var repair = await ThreeRepairedAsync(place);
        Databases.Create(place.Database, "UPDATE c SET note = 'mine' WHERE id = 2");
        await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair));
        var first = place.Work.Execution!.Id;
        Databases.Create(place.Database, "UPDATE c SET note = 'b' WHERE id = 2");
        await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair));
        var second = place.Work.Execution!.Id;

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.PlanUndoAsync(repair));

        Assert.Contains($"undone by {first} and {second}.", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"undo {second}, then {first}.", refused.NextStep, StringComparison.Ordinal);
        foreach (var undo in new[] { second, first })
        {
            Assert.Contains(await place.Work.RunAsync(await place.Work.PlanUndoAsync(undo)), result => result.Outcome == OperationOutcome.Applied);
        }

        Assert.Equal(4L, Databases.Ask(place.Database, "SELECT count(*) FROM c WHERE p_id IS NULL"));
    }

    [Fact]
    public async Task An_execution_whose_undo_was_undone_was_said_to_be_undone_and_to_be_brought_back_by_what_had_been_done_already()
    {
        await using var place = new Place();
        var repair = await ThreeRepairedAsync(place);
        var chain = new List<string> { repair };
        foreach (var _ in Enumerable.Range(0, 3))
        {
            await place.Work.RunAsync(await place.Work.PlanUndoAsync(chain[^1]));
            chain.Add(place.Work.Execution!.Id);
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.PlanUndoAsync(repair));
            Assert.Equal(chain.Count % 2 == 0 ? $"To bring it back undo {chain[^1]}." : $"To take it back again undo {chain[^1]}.", refused.NextStep);
            Assert.Equal(chain.Count == 3, refused.Message.EndsWith("what it did stands again.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_undo_that_an_operation_of_high_risk_ends_each_time_says_how_the_rest_is_done()
    {
        await using var place = new Place();
        var repair = await ThreeRepairedAsync(place);
        Databases.Create(place.Database, "CREATE UNIQUE INDEX u ON c(CASE WHEN p_id = 97 OR id = 4 THEN 1 END)");
        var undo = await place.Work.PlanUndoAsync(repair);
        Assert.Equal(["c/3", "c/2", "c/1"], undo.Operations.Select(operation => operation.Subject));
        var high = PlanDigest.Seal(undo with
        {
            Id = Identifiers.New("plan"),
            Operations = [.. undo.Operations.Select(operation => operation.Subject == "c/1" ? operation : operation with { Risk = Risk.High })],
        });
        await PlanRecord.AppendAsync(await place.Work.Engine.GetLedgerAsync(default), high, LedgerEventKinds.PlanCreated, [], default);
        Assert.Equal(OperationOutcome.Failed, Assert.Single(await place.Work.RunAsync(high)).Outcome);
        var stopped = place.Work.Execution!;
        Assert.Equal((ExecutionStatus.Stopped, 3), (stopped.Status, stopped.Pending));
        Assert.Contains("--max-risk medium", stopped.Message, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.PlanUndoAsync(repair));
        Assert.Contains("--max-risk medium", refused.NextStep, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, Assert.Single(await place.Work.ResumeAsync(stopped.Id)).Outcome);

        var rest = await place.Work.Engine.ResumeAsync(stopped.Id, new RepairOptions { MaximumRisk = Risk.Medium }, default).ToListAsync();

        Assert.Equal(
            [("c/1", OperationOutcome.Applied), ("c/2", OperationOutcome.NeedsReview), ("c/3", OperationOutcome.NeedsReview)],
            rest.Select(result => (result.Subject, result.Outcome)).Order());
        Assert.Equal(
            [("c/2", OperationOutcome.Applied), ("c/3", OperationOutcome.Failed)],
            (await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair))).Select(result => (result.Subject, result.Outcome)).Order());
    }

    [Fact]
    public async Task What_another_execution_did_after_this_one_had_failed_is_not_taken_back_by_its_undo()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p)", "CREATE INDEX i ON c(p_id)",
            "INSERT INTO c VALUES (1, 99), (2, NULL)");
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));
        Databases.Create(place.Database, "CREATE UNIQUE INDEX u ON c(coalesce(p_id, 'none'))");
        Assert.Equal(OperationOutcome.Failed, Assert.Single(await place.Work.RunAsync(plan)).Outcome);
        var failed = place.Work.Execution!.Id;
        Databases.Create(place.Database, "DROP INDEX u");
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(plan)).Outcome);
        var done = place.Work.Execution!.Id;
        Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.Work.ResumeAsync(failed)).Outcome);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.PlanUndoAsync(failed, null, record: true, default));
        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.Engine.PlanUndoAsync(done, null, record: true, default))).Outcome);
        Assert.Equal(99L, Databases.Ask(place.Database, "SELECT p_id FROM c WHERE id = 1"));
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

    [Fact]
    public async Task The_configured_journal_mode_is_set_and_taken_back()
    {
        await using var place = new Place(configuration: "sqlite: { journal_mode: wal }\n");
        Databases.Create(place.Database, Databases.Shop);
        var plan = await place.Work.PlanAsync((await place.ScanWithoutTraceAsync()).Where(issue => issue.Subject == "journal_mode"));
        var result = Assert.Single(await place.Work.RunAsync(plan));
        Assert.True(result is { Outcome: OperationOutcome.Applied, Risk: Risk.Medium }, result.Message);
        Assert.Equal("wal", Databases.Ask(place.Database, "PRAGMA journal_mode"));
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal("delete", Databases.Ask(place.Database, "PRAGMA journal_mode"));
    }

    [Theory]
    [InlineData("wal", "full", "incremental")]
    [InlineData("delete", "full", "incremental")]
    [InlineData("delete", "incremental", "full")]
    public async Task The_configured_auto_vacuum_is_set_and_taken_back(string mode, string before, string wanted)
    {
        await using var place = new Place(configuration: $"sqlite: {{ auto_vacuum: {wanted} }}\n");
        Databases.Create(place.Database, $"PRAGMA auto_vacuum = {before}; PRAGMA journal_mode = {mode}", Databases.Shop);
        var (old, now) = before == "full" ? (1L, 2L) : (2L, 1L);

        var plan = await place.Work.PlanAsync((await place.ScanWithoutTraceAsync()).Where(issue => issue.Subject == "auto_vacuum"));
        var result = Assert.Single(await place.Work.RunAsync(plan));

        Assert.True(result is { Outcome: OperationOutcome.Applied, Risk: Risk.Medium }, result.Message);
        Assert.Equal(now, Databases.Ask(place.Database, "PRAGMA auto_vacuum"));
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Subject == "auto_vacuum");
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal(old, Databases.Ask(place.Database, "PRAGMA auto_vacuum"));
    }

    [Theory]
    [InlineData("auto_vacuum: incremental", "PRAGMA auto_vacuum = NONE", "only VACUUM brings it about")]
    [InlineData("auto_vacuum: none", "PRAGMA auto_vacuum = INCREMENTAL", "only VACUUM brings it about")]
    [InlineData("check: quick", "PRAGMA auto_vacuum = FULL", "sqlite.auto_vacuum: incremental in integrity.yaml")]
    public async Task An_auto_vacuum_that_cannot_be_taken_back_or_that_nobody_wants_changed_is_told_with_the_reason_why_it_is_not_planned(string configured, string made, string why)
    {
        await using var place = new Place(configuration: $"sqlite: {{ {configured} }}\n");
        Databases.Create(place.Database, made, Databases.Shop);

        var operation = Assert.Single((await place.Work.PlanAsync((await place.ScanWithoutTraceAsync()).Where(issue => issue.Subject == "auto_vacuum"))).Operations);

        Assert.True(operation.NeedsReview);
        Assert.Contains(why, operation.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_whose_setting_was_written_by_hand_does_not_reach_SQL()
    {
        await using var place = new Place(configuration: "sqlite: { journal_mode: wal }\n");
        Databases.Create(place.Database, Databases.Shop);
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Subject == "journal_mode"));
        var forged = IntegrityTools.Repair.PlanDigest.Seal(plan with
        {
            Id = Identifiers.New("plan"),
            Operations = [plan.Operations[0] with
            {
                Precondition = new SettingPrecondition("user_version; DROP TABLE customer; --", "0"),
                Action = new SetPragmaAction("user_version; DROP TABLE customer; --", "1"),
            }],
        });
        await Assert.ThrowsAsync<IntegrityException>(async () => await place.Work.RunAsync(forged));
        Assert.Equal(300L, Databases.Ask(place.Database, "SELECT count(*) FROM customer"));
    }

    /// <summary>Rows 1, 2 and 3 led to 99, 98 and 97, which nobody has; row 4 leads nowhere by right.</summary>
    private static async Task<string> ThreeRepairedAsync(Place place)
    {
        Databases.Create(
            place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p, note)", "CREATE INDEX i ON c(p_id)",
            "INSERT INTO c VALUES (1, 99, 'a'), (2, 98, 'b'), (3, 97, 'c'), (4, NULL, 'd')");
        await place.Work.RunAsync(await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation)));
        return place.Work.Execution!.Id;
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
