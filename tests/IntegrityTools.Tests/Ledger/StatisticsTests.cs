using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Ledger;

/// <summary>What is counted over scans, issues and repairs.</summary>
public sealed class StatisticsTests : IDisposable
{
    private const string Store = "sqlite:/a.db";
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly LedgerFolder folder = new();
    private readonly StandingClock clock = new() { Now = Noon };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Times_are_told_by_percentiles_that_were_measured()
    {
        await using var ledger = await folder.OpenAsync(clock: clock);
        await ledger.AppendAsync([.. Enumerable.Range(1, 200).Select(number => Finished(number, OperationOutcome.Applied, 201 - number, null))], default);
        await ledger.AppendAsync([.. Enumerable.Range(1, 3).Select(number => Scan($"scan-{number}", "success", number * 10))], default);
        var summary = await ledger.SummarizeAsync(null, null, default);
        Assert.Equal(new Percentiles(200, 100, 190, 198, 200), summary.OperationMs);
        Assert.Equal(new Percentiles(3, 20, 30, 30, 30), summary.DetectionMs);
        Assert.Equal(new Percentiles(0, null, null, null, null), summary.ResolutionMs);
        Assert.Null(summary.AutoResolveRate);
    }

    [Fact]
    public async Task Types_resolutions_and_rates_follow_from_what_became_of_the_issues()
    {
        await using var ledger = await folder.OpenAsync(clock: clock);
        var plan = new RepairPlan { Id = "plan-1", Store = Store, CreatedAt = Noon, Strategy = Strategy.Auto, Operations = [] };
        await ledger.AppendAsync(
            [
                Issue("issue-1", IssueTypes.DamagedPage, "a"), Issue("issue-2", IssueTypes.ForeignKeyViolation, "b"), Issue("issue-3", IssueTypes.ForeignKeyViolation, "c"),
                Event(LedgerEventKinds.PlanCreated, Json(plan, ModelJson.Default.RepairPlan)),
                Operation(1, "issue-1", review: true), Operation(2, "issue-2", review: false), Operation(3, "issue-3", review: true),
            ],
            default);
        clock.Now = Noon.AddHours(2);
        await ledger.AppendAsync([Operation(3, "issue-3", review: false)], default);
        await ledger.AppendAsync([Finished(2, OperationOutcome.Applied, 5, null), Finished(3, OperationOutcome.Failed, 5, "no room on 'disk1' at 17")], default);
        await ledger.AppendAsync(
            [Event(LedgerEventKinds.ExecutionFinished, RawJson.FromText("""{"status":"completed"}"""))], default);

        var summary = await ledger.SummarizeAsync(Store, null, default);
        Assert.Equal([new IssueTypeCount(IssueTypes.ForeignKeyViolation, 2, 1), new IssueTypeCount(IssueTypes.DamagedPage, 1, 0)], summary.CommonestTypes);
        Assert.Equal(
            new IssueResolution("issue-2", IssueTypes.ForeignKeyViolation, "b", Store, Noon, clock.Now, "exec-1"), Assert.Single(summary.SlowestResolutions));
        Assert.Equal(7_200_000, summary.ResolutionMs.P95!.Value, 1.0);
        Assert.Equal(2 / 3.0, summary.AutoResolveRate!.Value, 1e-9);
        Assert.Equal(0.5, summary.FailureRate);
        Assert.Equal((1, 1, 1), (summary.Issues["resolved"], summary.Issues["planned"], summary.Issues["open"]));
        Assert.Empty((await ledger.SummarizeAsync("sqlite:/b.db", null, default)).CommonestTypes);
        Assert.Empty((await ledger.SummarizeAsync(null, Noon.AddHours(1), default)).CommonestTypes);
        Assert.Single((await ledger.SummarizeAsync(null, Noon.AddHours(1), default)).SlowestResolutions);
    }

    [Fact]
    public async Task Failures_that_say_the_same_of_different_things_are_one_pattern()
    {
        await using var ledger = await folder.OpenAsync(new byte[32], clock: clock);
        await ledger.AppendAsync(
            [
                Finished(1, OperationOutcome.Failed, 1, "Writing 'doc-1' at 3-ab12 failed after 17 ms"), Finished(2, OperationOutcome.Failed, 1, "Writing 'doc-2' at 12-ff00 failed after 3 ms"),
                Finished(3, OperationOutcome.Stale, 1, "Somebody wrote it"), Scan("scan-1", "failure", 1, "http://h:5984/a: no answer within 30 s"),
                Scan("scan-2", "failure", 1, "http://h:5984/b: no answer within 5 s"), Scan("scan-3", "failure", 1, "There is no file '/x'."),
            ],
            default);
        var patterns = (await ledger.SummarizeAsync(null, null, default)).ErrorPatterns;
        Assert.Equal([(2L, "resolve_conflict"), (2L, "scan"), (1L, "scan")], patterns.Select(pattern => (pattern.Count, pattern.Source)).Order(Comparer<(long, string)>.Create((a, b) => b.Item1 != a.Item1 ? b.Item1.CompareTo(a.Item1) : string.CompareOrdinal(a.Item2, b.Item2))));
        Assert.Contains(patterns, pattern => pattern is { Pattern: "Writing … at … failed after … ms", Example: "Writing 'doc-2' at 12-ff00 failed after 3 ms" });
    }

    [Fact]
    public async Task Without_a_ledger_all_is_nought()
    {
        await using var ledger = await folder.OpenAsync();
        var summary = await ledger.SummarizeAsync(null, null, default);
        Assert.Empty(summary.Scans);
        Assert.Null(summary.FailureRate);
        Assert.False(File.Exists(folder.Path));
    }

    private static LedgerEvent Event(string kind, RawJson data) => new() { Kind = kind, Store = Store, PlanId = "plan-1", ExecutionId = "exec-1", Data = data };

    private static LedgerEvent Operation(int number, string issue, bool review) => Event(
        LedgerEventKinds.PlanOperation,
        RawJson.FromText($$"""{"number":{{number}},"risk":"low","needs_review":{{(review ? "true" : "false")}},"issue_id":"{{issue}}"}"""));

    private static LedgerEvent Finished(int number, OperationOutcome outcome, double duration, string? message) => new()
    {
        Kind = LedgerEventKinds.OperationFinished,
        Store = Store,
        PlanId = "plan-1",
        ExecutionId = "exec-1",
        Data = RawJson.FromText($$"""{"number":{{number}},"type":"resolve_conflict","outcome":"{{Codes.Of(outcome)}}","duration_ms":{{duration}}}"""),
        Sensitive = Json(
            new RepairResult { ExecutionId = "exec-1", Number = number, Type = "resolve_conflict", Subject = "s", Outcome = outcome, Message = message },
            ModelJson.Default.RepairResult),
    };

    private static LedgerEvent Scan(string id, string status, long duration, string? message = null) => new()
    {
        Kind = LedgerEventKinds.ScanFinished,
        ScanId = id,
        Store = Store,
        Data = Json(
            new ScanReport { ScanId = id, Store = Store, StartedAt = Noon, Status = status, DurationMs = duration, Message = message }, ModelJson.Default.ScanReport),
    };

    private static LedgerEvent Issue(string id, string type, string subject) => new()
    {
        Kind = LedgerEventKinds.IssueFound,
        ScanId = "scan-1",
        Store = Store,
        Subject = id,
        Data = RawJson.FromText($$"""{"type":"{{type}}","severity":"high","subject":"{{subject}}"}"""),
    };

    private static RawJson Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type));
}
