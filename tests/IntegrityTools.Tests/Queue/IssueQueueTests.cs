using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;

namespace IntegrityTools.Tests.Queue;

/// <summary>What becomes of issues over scans, plans, repairs and a person's word.</summary>
public class IssueQueueTests
{
    private const string Orphans = "INSERT INTO item VALUES (1, 12345, x''), (2, 12346, x'00')";
    private static readonly IssueStatus[] All = Enum.GetValues<IssueStatus>();

    [Fact]
    public async Task An_issue_is_open_then_planned_then_resolved_by_its_repair_and_reopened_by_its_undo()
    {
        await using var place = Shop(Orphans);
        var issues = await ScanAsync(place);
        Assert.Equal([IssueStatus.Open, IssueStatus.Open], await StatusesAsync(place));

        var plan = await place.Work.PlanAsync(issues.Where(issue => issue.Subject == "item/1"));
        Assert.Equal([IssueStatus.Planned, IssueStatus.Open], await StatusesAsync(place));
        Assert.Equal(plan.Id, (await KnownAsync(place))[0].PlanId);

        await place.Work.RunAsync(plan, dryRun: true);
        Assert.Equal([IssueStatus.Planned, IssueStatus.Open], await StatusesAsync(place));
        Assert.Equal(OperationOutcome.Applied, (await place.Work.RunAsync(plan)).Single().Outcome);
        Assert.Equal([IssueStatus.Resolved, IssueStatus.Open], await StatusesAsync(place));
        Assert.Equal(place.Work.Execution!.Id, (await KnownAsync(place))[0].ExecutionId);

        await place.Work.RunAsync(await place.Work.PlanUndoAsync());
        Assert.Equal([IssueStatus.Reopened, IssueStatus.Open], await StatusesAsync(place));
        Assert.True((await place.Work.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task An_issue_that_a_later_scan_does_not_find_is_resolved_and_reopened_when_it_is_found_again()
    {
        await using var place = Shop(Orphans);
        var first = await ScanAsync(place);
        Databases.Create(place.Database, "DELETE FROM item WHERE id = 1");
        await ScanAsync(place);
        var gone = (await KnownAsync(place))[0];
        Assert.Equal((IssueStatus.Resolved, null, first[0].ScanId), (gone.Status, gone.ExecutionId, gone.ScanId));

        Databases.Create(place.Database, "INSERT INTO item VALUES (1, 12345, x'')");
        var again = await ScanAsync(place);
        var back = (await KnownAsync(place))[0];
        Assert.Equal((first[0].Id, IssueStatus.Reopened, again[0].ScanId), (back.Id, back.Status, back.ScanId));
        Assert.Equal(gone.FirstSeen, back.FirstSeen);
        Assert.True(back.LastSeen > gone.LastSeen);
        Assert.True((await place.Work.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task A_scan_with_a_filter_or_of_other_types_or_that_was_cut_off_resolves_nothing()
    {
        await using var place = Shop(Orphans);
        await ScanAsync(place);
        Databases.Create(place.Database, "DELETE FROM item");
        var store = new ScanOptions { Store = place.Database, Types = ["foreign_key_violation"] };
        foreach (var partial in new[]
            { store with { MinimumSeverity = Severity.Low }, store with { Subjects = ["item/9"] }, store with { DocumentTypes = ["item"] }, store with { Types = ["damaged_page"] } })
        {
            await place.Work.Engine.ScanAsync(partial, default).ToListAsync();
            Assert.Equal([IssueStatus.Open, IssueStatus.Open], await StatusesAsync(place));
        }

        Databases.Create(place.Database, "INSERT INTO item VALUES (3, 12347, x'')");
        await place.Work.Engine.ScanAsync(store, default).FirstAsync();
        Assert.Equal([IssueStatus.Open, IssueStatus.Open], (await StatusesAsync(place))[..2]);

        await place.Work.Engine.ScanAsync(store, default).ToListAsync();
        Assert.Equal([IssueStatus.Resolved, IssueStatus.Resolved, IssueStatus.Open], await StatusesAsync(place));
    }

    [Fact]
    public async Task A_scan_that_could_not_examine_all_of_the_store_resolves_nothing()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("a.jsonl");
        string[] conflict = [.. new[] { "aa", "bb" }.Select(end => $$$"""{"_id":"one","_rev":"2-{{{end}}}","_revisions":{"start":2,"ids":["{{{end}}}","00"]},"by":"{{{end}}}"}""")];
        await File.WriteAllTextAsync(dump, $"[{string.Join(',', conflict)}]\n");
        Assert.Single(await place.ScanAsync("couchdump:" + dump));

        await File.WriteAllTextAsync(dump, """
            [{"_id":"two","_rev":"1-aa"}]
            [{"_id":"one","_rev":

            """);
        var partial = new ScanOptions { Store = "couchdump:" + dump, Types = ["conflicts"] };
        Assert.Empty(await place.Engine.ScanAsync(partial, default).ToListAsync());
        Assert.Equal(IssueStatus.Open, Assert.Single(await KnownAsync(place)).Status);

        await File.WriteAllTextAsync(dump, """[{"_id":"two","_rev":"1-aa"}]""");
        await place.Engine.ScanAsync(partial, default).ToListAsync();
        Assert.Equal(IssueStatus.Resolved, Assert.Single(await KnownAsync(place)).Status);
    }

    [Fact]
    public async Task A_schema_that_cannot_be_used_resolves_no_violation_of_it()
    {
        await using var place = new Workplace("validation:\n  schemas: { Task: task.json }\n");
        var dump = place.PathOf("a.jsonl");
        await File.WriteAllTextAsync(dump, """[{"_id":"one","_rev":"1-aa","@type":"Task"},{"_id":"two","_rev":"1-aa","@type":"Task","title":1,"hostedOn":"x"}]""");
        await File.WriteAllTextAsync(place.PathOf("task.json"), """{"required":["title"]}""");
        var validation = new ScanOptions { Store = "couchdump:" + dump, Types = ["validation"] };
        var found = Assert.Single(await place.Engine.ScanAsync(validation, default).ToListAsync());
        Assert.Equal(IssueTypes.SchemaViolation, found.Type);

        await File.WriteAllTextAsync(place.PathOf("task.json"), """{"required":7}""");
        Assert.Equal(IssueTypes.UnusableSchema, Assert.Single(await place.Engine.ScanAsync(validation, default).ToListAsync()).Type);
        Assert.Equal(IssueStatus.Open, (await KnownAsync(place)).Single(issue => issue.Id == found.Id).Status);

        await File.WriteAllTextAsync(place.PathOf("task.json"), "{}");
        Assert.Empty(await place.Engine.ScanAsync(validation, default).ToListAsync());
        Assert.All(await KnownAsync(place), issue => Assert.Equal(IssueStatus.Resolved, issue.Status));
    }

    [Fact]
    public async Task An_ignored_issue_is_recorded_and_left_out_of_scans_and_plans_until_it_is_reopened()
    {
        await using var place = Shop(Orphans);
        var issues = await ScanAsync(place);
        var ignored = Assert.Single(await place.Work.Engine.Issues.IgnoreAsync([issues[0].Id], "both are meant", DateTimeOffset.UtcNow.AddDays(1), default));
        Assert.Equal((IssueStatus.Ignored, "both are meant"), (ignored.Status, ignored.Reason));

        ScanReport? report = null;
        var options = new ScanOptions { Store = place.Database, Types = ["foreign_key_violation"], ReportChanged = changed => report = changed };
        Assert.Equal([issues[1].Id], (await place.Work.Engine.ScanAsync(options, default).ToListAsync()).Select(issue => issue.Id));
        Assert.Equal((1, 1), (report!.Issues, report.Ignored));
        foreach (var plan in new[] { new PlanOptions(), new PlanOptions { ScanId = issues[0].ScanId } })
        {
            Assert.Equal([issues[1].Id], (await place.Work.Engine.PlanAsync(options, plan, default)).Single().Operations.Select(operation => operation.IssueId));
        }

        Assert.Equal(2, await place.Work.Engine.ReadIssuesAsync(report.ScanId, default).CountAsync());
        Assert.Equal([issues[1].Id], await place.Work.Engine.Issues.ListAsync(options, [], default).Select(issue => issue.Id).ToListAsync());

        Assert.Equal(IssueStatus.Reopened, Assert.Single(await place.Work.Engine.Issues.ReopenAsync([issues[0].Id], null, default)).Status);
        Assert.Equal(2, await place.Work.Engine.ScanAsync(options, default).CountAsync());
        Assert.True((await place.Work.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task An_ignored_issue_that_is_gone_is_resolved()
    {
        await using var place = Shop(Orphans);
        var issues = await ScanAsync(place);
        await place.Work.Engine.Issues.IgnoreAsync([issues[0].Id], "for now", DateTimeOffset.UtcNow.AddDays(1), default);
        Databases.Create(place.Database, "DELETE FROM item WHERE id = 1");
        await ScanAsync(place);
        Assert.Equal([IssueStatus.Resolved, IssueStatus.Open], await StatusesAsync(place));
    }

    [Fact]
    public async Task What_cannot_be_ignored_is_refused_as_a_whole()
    {
        await using var place = Shop(Orphans);
        var issues = await ScanAsync(place);
        var (queue, tomorrow) = (place.Work.Engine.Issues, DateTimeOffset.UtcNow.AddDays(1));
        var unknown = await Assert.ThrowsAsync<IntegrityException>(() => queue.IgnoreAsync([issues[0].Id, "issue-0"], "why", tomorrow, default));
        Assert.Equal((ErrorIds.NotFound, "issue-0"), (unknown.ErrorId, unknown.Target));
        Assert.Equal(ErrorIds.InvalidArgument, (await Assert.ThrowsAsync<IntegrityException>(() => queue.IgnoreAsync([issues[0].Id], " ", tomorrow, default))).ErrorId);
        Assert.Equal(
            ErrorIds.InvalidArgument, (await Assert.ThrowsAsync<IntegrityException>(() => queue.IgnoreAsync([issues[0].Id], "why", DateTimeOffset.UtcNow, default))).ErrorId);
        Databases.Create(place.Database, "DELETE FROM item WHERE id = 1");
        await ScanAsync(place);
        var resolved = await Assert.ThrowsAsync<IntegrityException>(() => queue.IgnoreAsync([issues[1].Id, issues[0].Id], "why", tomorrow, default));
        Assert.Equal((ErrorIds.InvalidState, issues[0].Id), (resolved.ErrorId, resolved.Target));
        Assert.Equal([IssueStatus.Resolved, IssueStatus.Open], await StatusesAsync(place));
    }

    [Theory]
    [InlineData("30d", 2)]
    [InlineData("0s", 1)]
    public async Task Resolved_issues_leave_the_queue_after_the_configured_age_and_stay_in_the_ledger(string age, int known)
    {
        await using var place = Shop(Orphans, $"monitoring:\n  resolved_retention: {age}\n");
        var first = await ScanAsync(place);
        Databases.Create(place.Database, "DELETE FROM item WHERE id = 1");
        await ScanAsync(place);
        Assert.Equal(known, (await KnownAsync(place)).Count);
        Assert.Equal(2, await place.Work.Engine.ReadIssuesAsync(first[0].ScanId, default).CountAsync());
        Assert.True((await place.Work.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task A_repair_of_a_dump_resolves_when_its_new_file_stands_and_the_old_dump_reopens()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("a.jsonl");
        string[] conflict = [.. new[] { "aa", "bb" }.Select(end => $$$"""{"_id":"one","_rev":"2-{{{end}}}","_revisions":{"start":2,"ids":["{{{end}}}","00"]},"same":1}""")];
        await File.WriteAllTextAsync(dump, $"[{string.Join(',', conflict)}]\n");
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump), Strategy.HighestRev);
        Assert.Equal(OperationOutcome.Applied, (await place.RunAsync(plan, place.PathOf("b.jsonl"))).Single().Outcome);
        Assert.Equal(IssueStatus.Resolved, Assert.Single(await KnownAsync(place)).Status);

        await place.ScanAsync("couchdump:" + dump);
        Assert.Equal(IssueStatus.Reopened, Assert.Single(await KnownAsync(place)).Status);

        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump), Strategy.HighestRev), place.PathOf("c.jsonl"));
        Assert.Equal(IssueStatus.Resolved, Assert.Single(await KnownAsync(place)).Status);
        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("d.jsonl"));
        Assert.Equal(IssueStatus.Reopened, Assert.Single(await KnownAsync(place)).Status);
        Assert.True((await place.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task An_operation_that_was_stale_leaves_its_issue_open()
    {
        await using var place = Shop(Orphans);
        var plan = await place.Work.PlanAsync(await ScanAsync(place));
        Databases.Create(place.Database, "UPDATE item SET data = x'77' WHERE id = 1");
        await place.Work.RunAsync(plan);
        Assert.Equal([IssueStatus.Open, IssueStatus.Resolved], await StatusesAsync(place));
    }

    private static Place Shop(string rows, string configuration = "resolution: {}\n")
    {
        var place = new Place(configuration: configuration);
        Databases.Create(place.Database, Databases.Shop, rows);
        return place;
    }

    private static ValueTask<List<IntegrityIssue>> ScanAsync(Place place) =>
        place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["foreign_key_violation"] }, default).ToListAsync();

    private static Task<List<KnownIssue>> KnownAsync(Place place) => KnownAsync(place.Work);

    private static async Task<List<KnownIssue>> KnownAsync(Workplace place) =>
        [.. (await place.Engine.Issues.ListAsync(new ScanOptions(), All, default).ToListAsync()).OrderBy(issue => issue.Subject, StringComparer.Ordinal)];

    private static async Task<IssueStatus[]> StatusesAsync(Place place) => [.. (await KnownAsync(place)).Select(issue => issue.Status)];
}
