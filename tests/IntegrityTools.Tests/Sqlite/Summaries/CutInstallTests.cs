using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>Installations that were killed, and what others have made since.</summary>
public class CutInstallTests
{
    private const string Mine = "CREATE TRIGGER mine AFTER INSERT ON events BEGIN SELECT 1; END";

    [Fact]
    public async Task A_table_and_a_trigger_that_an_application_made_after_a_kill_were_dropped_by_the_undo_of_an_installation_that_had_made_nothing()
    {
        await using var place = WithEvents();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, (await place.PlanInstallAsync())!, applied: 0);
        place.Do("CREATE TABLE corruption_summary (corruption_id TEXT, note TEXT)", "INSERT INTO corruption_summary VALUES ('a', 'mine')", Mine);
        var schema = place.Schema();

        var left = Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution)));

        Assert.Equal(OperationOutcome.NeedsReview, left.Outcome);
        Assert.Equal(schema, place.Schema());
        Assert.Equal(["a|mine"], place.Rows("SELECT * FROM corruption_summary"));
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Work.ResumeAsync(execution)).Outcome);
        Assert.Equal(schema, place.Schema());
    }

    [Fact]
    public async Task A_trigger_that_an_application_made_beside_a_killed_installation_is_not_dropped_and_once_it_is_gone_the_undo_goes_through()
    {
        await using var place = WithEvents();
        var before = place.Schema();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, (await place.PlanInstallAsync())!, applied: CutRun.All);
        place.Do(Mine);
        var schema = place.Schema();

        Assert.Equal(OperationOutcome.NeedsReview, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync(execution))).Outcome);
        Assert.Equal(schema, place.Schema());

        place.Do("DROP TRIGGER mine");
        await place.RunAsync(await place.Work.PlanUndoAsync(execution));
        Assert.Equal(before, place.Schema());
    }

    [Fact]
    public async Task A_resume_took_a_trigger_of_the_application_for_its_own_so_that_an_undo_dropped_it()
    {
        await using var place = WithEvents();
        var (execution, _) = await CutRun.LeaveAsync(place.Work, (await place.PlanInstallAsync())!, applied: CutRun.All);
        place.Do(Mine);
        var schema = place.Schema();

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Work.ResumeAsync(execution)).Outcome);

        var undo = await place.Work.PlanUndoAsync(execution);
        Assert.Equal(OperationOutcome.NeedsReview, Assert.Single(await place.Work.RunAsync(undo)).Outcome);
        Assert.Equal(schema, place.Schema());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_installation_that_was_killed_after_its_commit_is_taken_back_resumed_or_not(bool resumed)
    {
        await using var place = WithEvents();
        place.Do(Corruptions.Proposed, "CREATE INDEX by_error ON corruption_summary(last_error) WHERE last_error IS NOT NULL", Mine);
        var (before, rows) = (place.Schema(), place.Rows("SELECT rowid, * FROM corruption_summary"));
        var (execution, _) = await CutRun.LeaveAsync(place.Work, (await place.PlanInstallAsync(redefineView: true))!, applied: CutRun.All);
        if (resumed)
        {
            Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.Work.ResumeAsync(execution)).Outcome);
        }

        await place.RunAsync(await place.Work.PlanUndoAsync(execution));

        Assert.Equal(before, place.Schema());
        Assert.Equal(rows, place.Rows("SELECT rowid, * FROM corruption_summary"));
    }

    [Fact]
    public async Task A_schema_that_stood_otherwise_when_it_was_saved_is_not_changed_by_a_resume()
    {
        await using var place = WithEvents();
        var plan = (await place.PlanInstallAsync())!;
        place.Do(Mine);
        var (execution, _) = await CutRun.LeaveAsync(place.Work, plan, applied: 0);
        place.Do("DROP TRIGGER mine");
        var schema = place.Schema();

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Work.ResumeAsync(execution)).Outcome);

        Assert.Equal(schema, place.Schema());
    }

    private static SummaryPlace WithEvents()
    {
        var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        Corruptions.InsertRandom(place.Database, new Random(3), 50);
        return place;
    }
}
