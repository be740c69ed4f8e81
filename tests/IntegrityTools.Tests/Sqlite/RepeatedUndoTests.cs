using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Executions that are taken back in parts, or more than once.</summary>
public class RepeatedUndoTests
{
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

    /// <summary>Rows 1, 2 and 3 led to 99, 98 and 97, which nobody has; row 4 leads nowhere by right.</summary>
    private static async Task<string> ThreeRepairedAsync(Place place)
    {
        Databases.Create(
            place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p, note)", "CREATE INDEX i ON c(p_id)",
            "INSERT INTO c VALUES (1, 99, 'a'), (2, 98, 'b'), (3, 97, 'c'), (4, NULL, 'd')");
        await place.Work.RunAsync(await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation)));
        return place.Work.Execution!.Id;
    }
}
