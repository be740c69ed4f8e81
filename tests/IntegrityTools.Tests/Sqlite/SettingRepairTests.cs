using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Settings that a file holds, set as configured, and back again.</summary>
public class SettingRepairTests
{
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
        var forged = PlanDigest.Seal(plan with
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
}
