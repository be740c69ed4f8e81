using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Repairs of rows beside an application that writes the same rows, and what a killed run may take for its own work.</summary>
public class CutRowRepairTests
{
    private const string Schema = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p_id INTEGER NOT NULL REFERENCES p ON DELETE CASCADE, note TEXT); CREATE INDEX i ON c(p_id)";

    [Theory]
    [InlineData(true, "DELETE FROM c WHERE id = 2")]
    [InlineData(false, "DELETE FROM c WHERE id = 2")]
    [InlineData(true, "UPDATE c SET note = 'between' WHERE id = 2")]
    [InlineData(false, "UPDATE c SET note = 'between' WHERE id = 2")]
    public async Task A_row_that_an_application_wrote_anew_after_the_rows_were_saved_was_deleted_although_no_undo_could_give_it_back(bool atOnce, string change)
    {
        await using var place = new Place();
        var plan = await PlanAsync(place, 3);

        // The application is between the two transactions by which it writes the row.
        Databases.Create(place.Database, change);
        var (execution, results) = await CutRun.LeaveAsync(
            place.Work, plan, applied: atOnce ? CutRun.All : 0, saved: () => Databases.Create(place.Database, "INSERT OR REPLACE INTO c VALUES (2, 99, 'note 2')"));
        var resumed = await place.Work.ResumeAsync(execution);
        results = atOnce ? results : resumed;

        var left = Assert.Single(results, result => result.Outcome != OperationOutcome.Applied);
        Assert.Equal(("c/2", OperationOutcome.Stale), (left.Subject, left.Outcome));
        Assert.Contains("when the state before the repair was saved", left.Message, StringComparison.Ordinal);
        Assert.Equal("2", Rows(place));
        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution)), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.Equal("1,2,3", Rows(place));
    }

    [Fact]
    public async Task A_row_that_an_application_deleted_after_a_kill_came_back_by_the_undo_of_a_run_that_had_written_nothing()
    {
        await using var place = new Place();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, await PlanAsync(place, 3), applied: 0);
        Databases.Create(place.Database, "DELETE FROM c WHERE id = 2");

        var undo = await place.Work.PlanUndoAsync(execution);

        // Of one transaction, two rows stand as before.
        Assert.Equal("c/2", Assert.Single(undo.Operations).Subject);
        Assert.Equal(OperationOutcome.NeedsReview, Assert.Single(await place.Work.RunAsync(undo)).Outcome);
        Assert.Equal("1,3", Rows(place));
    }

    [Fact]
    public async Task A_single_row_of_which_nothing_tells_who_deleted_it_is_left_to_a_person_who_can_have_it_back_by_the_way_that_is_told()
    {
        await using var place = new Place();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, await PlanAsync(place, 1), applied: 0);
        Databases.Create(place.Database, "DELETE FROM c");

        var left = Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution)));

        Assert.Equal(OperationOutcome.NeedsReview, left.Outcome);
        Assert.Contains($"integrity repair --resume {execution} --confirm", left.Message, StringComparison.Ordinal);
        Assert.Equal(string.Empty, Rows(place));

        var found = Assert.Single(await place.Work.ResumeAsync(execution));
        Assert.Equal(OperationOutcome.AlreadyApplied, found.Outcome);
        Assert.Contains("somebody else", found.Message, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution))).Outcome);
        Assert.Equal("1", Rows(place));
    }

    [Fact]
    public async Task A_batch_that_was_committed_and_cut_off_before_its_record_is_taken_back_without_being_resumed()
    {
        await using var place = new Place();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, await PlanAsync(place, 3), applied: CutRun.All);
        Assert.Equal(string.Empty, Rows(place));

        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution)), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));

        Assert.Equal("1,2,3", Rows(place));
    }

    private static async Task<RepairPlan> PlanAsync(Place place, int orphans)
    {
        Databases.Create(place.Database, [Schema, .. Enumerable.Range(1, orphans).Select(id => $"INSERT INTO c VALUES ({id}, 99, 'note {id}')")]);
        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));
        Assert.Equal(orphans, plan.Automatic);
        return plan;
    }

    private static string Rows(Place place) => (string)Databases.Ask(place.Database, "SELECT ifnull(group_concat(id), '') FROM (SELECT id FROM c ORDER BY id)")!;
}
