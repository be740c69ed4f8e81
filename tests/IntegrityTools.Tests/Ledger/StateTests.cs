using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Ledger;

public sealed class StateTests : IDisposable
{
    private const string Store = "couchdump:a.jsonl";
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_execution_follows_from_its_events()
    {
        await using var ledger = await folder.OpenAsync();
        await PlanAsync(ledger, "plan-1", 4);
        await ledger.AppendAsync([Started("exec-1", "plan-1")], default);
        await ledger.AppendAsync([Finished("exec-1", 1, OperationOutcome.Applied, 10), Finished("exec-1", 2, OperationOutcome.Failed, 5)], default);
        await ledger.AppendAsync([Ended("exec-1", ExecutionStatus.Stopped)], default);
        var stopped = (await ledger.GetExecutionAsync("exec-1", default))!;
        Assert.Equal((ExecutionStatus.Stopped, 2, Noon), (stopped.Status, stopped.Pending, stopped.EndedAt));
        Assert.Equal(1, stopped.Outcomes["failed"]);

        await ledger.AppendAsync([new LedgerEvent { Kind = LedgerEventKinds.ExecutionResumed, ExecutionId = "exec-1" }], default);
        var resumed = (await ledger.GetExecutionAsync("exec-1", default))!;
        Assert.Equal((ExecutionStatus.Running, null), (resumed.Status, resumed.EndedAt));

        await ledger.AppendAsync([Finished("exec-1", 2, OperationOutcome.Applied, 30), Finished("exec-1", 3, OperationOutcome.Stale, 1), Ended("exec-1", ExecutionStatus.Completed)], default);
        var done = (await ledger.GetExecutionAsync("exec-1", default))!;
        Assert.Equal((ExecutionStatus.Completed, 0, "/b.jsonl"), (done.Status, done.Pending, done.BackupPath));
        Assert.Equal(20, (await ledger.GetOperationTimesAsync(default))["resolve_conflict"]);
        var results = await ledger.ReadResultsAsync("exec-1", default).ToArrayAsync();
        Assert.Equal([OperationOutcome.Applied, OperationOutcome.Applied, OperationOutcome.Stale], results.Select(result => result.Outcome));

        await ledger.AppendAsync([Started("exec-2", "plan-2", "exec-1"), Ended("exec-2", ExecutionStatus.Completed)], default);
        var undone = (await ledger.GetExecutionAsync("exec-1", default))!;
        Assert.Equal((ExecutionStatus.Undone, "exec-2"), (undone.Status, undone.UndoneBy));
        Assert.Equal(["exec-2", "exec-1"], (await ledger.ListExecutionsAsync(default)).Select(execution => execution.Id));
    }

    [Fact]
    public async Task A_plan_comes_back_with_its_operations_in_order_and_its_numbers_as_written()
    {
        await using var ledger = await folder.OpenAsync(new byte[32]);
        await PlanAsync(ledger, "plan-1", 4);
        var plan = (await ledger.GetPlanAsync("plan-1", default))!;
        Assert.Equal([1, 2, 3, 4], plan.Operations.Select(operation => operation.Number));
        Assert.Equal("""{"n":1.0,"big":1e400}""", plan.Operations[0].NewValue.ToString());
        var summary = Assert.Single(await ledger.ListPlansAsync(default));
        Assert.Equal((4, 1, Risk.Medium), (summary.Operations, summary.NeedsReview, summary.HighestRisk));
    }

    [Fact]
    public async Task Issues_come_in_the_order_in_which_they_were_found()
    {
        await using var ledger = await folder.OpenAsync();
        var report = new ScanReport { ScanId = "scan-1", Store = Store, StartedAt = Noon, Status = "running" };
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, report), Issue("issue-b"), Issue("issue-a")], default);
        Assert.Equal("running", (await ledger.GetScanAsync("scan-1", default))!.Status);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanFinished, report with { Status = "success", Issues = 2 })], default);
        Assert.Equal(2, Assert.Single(await ledger.ListScansAsync(default)).Issues);
        Assert.Equal(["issue-b", "issue-a"], (await ledger.ReadIssuesAsync("scan-1", default).ToArrayAsync()).Select(issue => issue.Id));
    }

    [Fact]
    public async Task A_lease_as_the_first_ledgers_kept_it_holds_until_its_expiry()
    {
        var clock = new StandingClock { Now = Noon };
        await using var ledger = await folder.OpenAsync(clock: clock);
        var wanted = new Lease(Store, Run("exec-2"), "you", Noon.AddMinutes(5));
        var old = $$"""{"store":"{{Store}}","holder":"exec-1","owner":"me","expires_at":"2026-01-02T12:01:00+00:00"}""";
        await ledger.AppendAsync([new LedgerEvent { Kind = LedgerEventKinds.LeaseAcquired, Store = Store, Data = RawJson.FromText(old) }], default);
        Assert.Equal("exec-1", (await ledger.AcquireAsync(wanted, default)).Holder.Execution);
        clock.Now = Noon.AddMinutes(2);
        Assert.Equal(wanted, await ledger.AcquireAsync(wanted, default));
    }

    [Fact]
    public async Task A_lease_is_taken_renewed_refused_given_back_and_expires()
    {
        var clock = new StandingClock { Now = Noon };
        await using var ledger = await folder.OpenAsync(clock: clock);
        var mine = new Lease(Store, Run("exec-1"), "me", Noon.AddMinutes(1));
        var theirs = new Lease(Store, Run("exec-2"), "you", Noon.AddMinutes(5));
        Assert.Equal(Run("exec-1"), (await ledger.AcquireAsync(mine, default)).Holder);
        Assert.Equal(mine, await ledger.AcquireAsync(theirs, default));
        var renewed = mine with { ExpiresAt = Noon.AddMinutes(2) };
        Assert.Equal(renewed, await ledger.AcquireAsync(renewed, default));
        clock.Now = Noon.AddMinutes(3);
        Assert.Equal(theirs, await ledger.AcquireAsync(theirs, default));
        await ledger.ReleaseAsync(mine, default);
        Assert.Equal(theirs, await ledger.AcquireAsync(renewed, default));
        await ledger.ReleaseAsync(theirs, default);
        Assert.Equal(Run("exec-1"), (await ledger.AcquireAsync(renewed, default)).Holder);
    }

    [Fact]
    public async Task A_state_that_was_changed_is_found_and_a_rebuild_mends_it()
    {
        await using var ledger = await folder.OpenAsync();
        await PlanAsync(ledger, "plan-1", 4);
        await ledger.AppendAsync([Started("exec-1", "plan-1"), Finished("exec-1", 1, OperationOutcome.Applied, 10), Ended("exec-1", ExecutionStatus.Stopped)], default);
        await ledger.AcquireAsync(new Lease(Store, Run("exec-1"), "me", Noon.AddYears(9)), default);
        var before = JsonSerializer.Serialize(await ledger.ListExecutionsAsync(default), ModelJson.Default.IReadOnlyListRepairExecution);
        Assert.True((await ledger.VerifyAsync(default)).Ok);
        folder.Tamper("UPDATE execution SET status = 'completed'; DELETE FROM plan_operation; DELETE FROM lease");
        Assert.Equal(["projection", "projection", "projection"], (await ledger.VerifyAsync(default)).Faults.Select(fault => fault.Kind));
        await ledger.RebuildAsync(default);
        Assert.True((await ledger.VerifyAsync(default)).Ok);
        Assert.Equal(before, JsonSerializer.Serialize(await ledger.ListExecutionsAsync(default), ModelJson.Default.IReadOnlyListRepairExecution));
    }

    [Fact]
    public async Task A_batch_with_an_event_that_lacks_what_it_needs_is_refused_as_a_whole()
    {
        await using var ledger = await folder.OpenAsync();
        await ledger.AppendAsync([LedgerFolder.Event(1)], default);
        var failure = await Assert.ThrowsAsync<IntegrityException>(
            () => ledger.AppendAsync([LedgerFolder.Event(2), new LedgerEvent { Kind = LedgerEventKinds.PlanOperation, PlanId = "p" }], default));
        Assert.Equal(ErrorIds.InvalidArgument, failure.ErrorId);
        await ledger.AppendAsync([LedgerFolder.Event(3)], default);
        Assert.Equal(2, (await ledger.VerifyAsync(default)).Events);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    public async Task An_event_whose_facts_were_emptied_is_named_although_the_state_cannot_be_replayed(string data)
    {
        await using var ledger = await folder.OpenAsync();
        await PlanAsync(ledger, "plan-1", 4);
        folder.Tamper($"UPDATE event SET data = '{data}' WHERE number = 3");
        Assert.Contains((await ledger.VerifyAsync(default)).Faults, fault => fault is { Number: 3, Kind: "changed" });
    }

    private static async Task PlanAsync(SqliteLedger ledger, string id, int count)
    {
        var plan = new RepairPlan { Id = id, Store = Store, CreatedAt = Noon, Strategy = Strategy.Auto, Operations = [] };
        List<LedgerEvent> events = [new() { Kind = LedgerEventKinds.PlanCreated, PlanId = id, Data = Json(plan, ModelJson.Default.RepairPlan) }];
        foreach (var number in Enumerable.Range(1, count).Reverse())
        {
            var operation = new RepairOperation
            {
                Number = number,
                Type = "resolve_conflict",
                IssueId = $"issue-{number}",
                Subject = $"doc{number}",
                Risk = number == count ? Risk.High : Risk.Medium,
                Strategy = Strategy.Auto,
                Reason = "merged",
                NeedsReview = number == count,
                Precondition = new LeafSetPrecondition([]),
                NewValue = RawJson.FromText("""{"n":1.0,"big":1e400}"""),
            };
            events.Add(new LedgerEvent
            {
                Kind = LedgerEventKinds.PlanOperation,
                PlanId = id,
                Subject = $"{number}",
                Data = RawJson.FromText($$"""{"number":{{number}},"risk":"{{Codes.Of(operation.Risk)}}","needs_review":{{(number == count ? "true" : "false")}}}"""),
                Sensitive = Json(operation, ModelJson.Default.RepairOperation),
            });
        }

        await ledger.AppendAsync(events, default);
    }

    private static RepairExecution Execution(string id, string plan, ExecutionStatus status) =>
        new() { Id = id, PlanId = plan, Store = Store, Status = status, StartedAt = Noon, EndedAt = status == ExecutionStatus.Running ? null : Noon };

    private static RunIdentity Run(string execution) => new(execution, "1", null);

    private static LedgerEvent Started(string id, string plan, string? undoes = null) => new()
    {
        Kind = LedgerEventKinds.ExecutionStarted,
        ExecutionId = id,
        PlanId = plan,
        Data = Json(Execution(id, plan, ExecutionStatus.Running) with { Undoes = undoes, BackupPath = "/b.jsonl" }, ModelJson.Default.RepairExecution),
    };

    private static LedgerEvent Ended(string id, ExecutionStatus status) => new()
    {
        Kind = LedgerEventKinds.ExecutionFinished,
        ExecutionId = id,
        Data = Json(Execution(id, "plan", status), ModelJson.Default.RepairExecution),
    };

    private static LedgerEvent Finished(string id, int number, OperationOutcome outcome, int duration) => new()
    {
        Kind = LedgerEventKinds.OperationFinished,
        ExecutionId = id,
        Subject = $"{number}",
        Data = RawJson.FromText($$"""{"number":{{number}},"type":"resolve_conflict","outcome":"{{Codes.Of(outcome)}}","duration_ms":{{duration}}}"""),
        Sensitive = Json(
            new RepairResult { ExecutionId = id, Number = number, Type = "resolve_conflict", Subject = $"doc{number}", Outcome = outcome },
            ModelJson.Default.RepairResult),
    };

    private static LedgerEvent Scan(string kind, ScanReport report) =>
        new() { Kind = kind, ScanId = report.ScanId, Data = Json(report, ModelJson.Default.ScanReport) };

    private static LedgerEvent Issue(string id) => new()
    {
        Kind = LedgerEventKinds.IssueFound,
        ScanId = "scan-1",
        Subject = id,
        Sensitive = Json(
            new IntegrityIssue
            {
                Id = id,
                Type = IssueTypes.RevisionConflict,
                Severity = Severity.High,
                Subject = "doc",
                Message = "m",
                Evidence = new EntryEvidence("p", 1, "r"),
                Store = Store,
                ScanId = "scan-1",
                DetectedAt = Noon,
            },
            ModelJson.Default.IntegrityIssue),
    };

    private static RawJson Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type));
}
