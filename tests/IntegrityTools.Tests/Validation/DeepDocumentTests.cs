using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Backups;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

/// <summary>Documents that are nested deeper than is taken apart: CouchDB takes them, so each is named, and held, and nothing else suffers.</summary>
public class DeepDocumentTests
{
    private const string Rules = """
        validation:
          required_fields: { Task: [title] }
        """;

    private static readonly string Nested = Nest(100_000);

    private static string[] Documents =>
    [
        Doc("app", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"deep\""),
        Doc("deep", $"\"@type\":\"ComputerServer\",\"tree\":{Nested}"),
        Doc("task", "\"@type\":\"Task\""),
        ServerScanTests.Doc("twice", 2, ["b", "a"], $"\"tree\":{Nested}"), ServerScanTests.Doc("twice", 2, ["c", "a"], "\"n\":1"),
        ServerScanTests.Doc("usual", 2, ["b", "a"], "\"n\":1"), ServerScanTests.Doc("usual", 2, ["c", "a"], "\"n\":1"),
    ];

    [Fact]
    public async Task A_document_nested_100_000_levels_deep_made_its_whole_dump_unscannable_and_is_named()
    {
        await using var place = new Workplace(Rules);
        await AssertNamedAsync(place, WriteDump(place, Documents));
    }

    [SkippableFact]
    public async Task A_document_nested_100_000_levels_deep_made_its_whole_database_unscannable_and_is_named()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true, Documents);
        await AssertNamedAsync(place.Place, place.Store);
    }

    [SkippableFact]
    public async Task A_backup_holds_a_document_nested_100_000_levels_deep_byte_for_byte_and_a_restore_gives_it_back()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true, Documents);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        try
        {
            var made = await place.BackUpAsync();
            Assert.NotNull(made.VerifiedAt);
            var report = await place.RestoreAsync(made, copy);

            Assert.Empty(report.Failed);
            Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
            Assert.Contains(Nested, await place.Server.GetAsync($"{copy}/deep"), StringComparison.Ordinal);
            Assert.Equal(5L, (await place.RestoreAsync(made, copy)).Unchanged);
        }
        finally
        {
            await place.Server.DeleteAsync(copy);
        }
    }

    [Fact]
    public async Task A_scan_that_asks_for_other_types_only_says_which_document_it_did_not_look_into()
    {
        await using var place = new Workplace(Rules);
        var (issues, report) = await place.ScanAsync(new ScanOptions { Store = WriteDump(place, Documents), Types = ["missing_field"] });

        Assert.Equal(["task"], issues.Select(issue => issue.Subject));
        Assert.Contains(report.Remarks, remark => remark.StartsWith("'deep' was not looked into: it is nested deeper", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_was_planned_as_a_conflict_and_is_left_to_a_person_with_what_to_do()
    {
        await using var place = new Workplace(Rules);
        await File.WriteAllTextAsync(place.PathOf("dump.jsonl"), $"[{Doc("whole", "\"x\":1")}]\n[{{\"_id\":\"a\",\n");
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + place.PathOf("dump.jsonl")));

        var operation = Assert.Single(plan.Operations);
        Assert.Equal(OperationTypes.Review, operation.Type);
        Assert.True(operation.NeedsReview);
        Assert.Contains("make the dump anew", operation.Reason, StringComparison.Ordinal);
    }

    // The deepest that is taken apart, and what holds it is deeper: operations, plans, results.
    [SkippableFact]
    public async Task Duplicates_as_deep_as_documents_are_taken_apart_ended_their_plan_with_an_error_and_are_merged_and_given_back()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, Doc("a", $"\"identifier\":\"k\",\"one\":{Nest(4095)}"), Doc("b", $"\"identifier\":\"k\",\"two\":{Nest(4095)}"));

        var plan = await place.Place.PlanAsync(await ScanAsync(place.Place, place.Store, "duplicates"));
        var file = place.Place.PathOf("plan.json");
        await PlanFile.ExportAsync(plan, file, overwrite: false, default);

        Assert.Equal(["merge_duplicates", "delete_duplicate"], plan.Operations.Select(operation => operation.Type));
        Assert.All(await place.Place.RunAsync(plan), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.Contains(Nest(4095), (await place.Server.GetAsync($"{place.Database}/a")).Split("\"two\":")[1], StringComparison.Ordinal);
        await place.UndoAsync();
        Assert.DoesNotContain("\"two\":", await place.Server.GetAsync($"{place.Database}/a"), StringComparison.Ordinal);
        Assert.Contains(Nest(4095), (await place.Server.GetAsync($"{place.Database}/b")).Split("\"two\":")[1], StringComparison.Ordinal);
        Assert.Equal(plan.Digest, (await PlanFile.ReadAsync(file, default)).Plan.Digest);
    }

    private static async Task AssertNamedAsync(Workplace place, string store)
    {
        var issues = await ScanAsync(place, store, "all");

        Assert.Equal(
            ["deep unreadable_entry", "task missing_field", "twice revision_conflict", "usual revision_conflict"],
            issues.Select(issue => $"{issue.Subject} {issue.Type}").Order(StringComparer.Ordinal).Where(line => !line.Contains("stale", StringComparison.Ordinal)));
        var plan = await place.PlanAsync(issues);
        Assert.Equal(["usual"], plan.Operations.Where(operation => !operation.NeedsReview).Select(operation => operation.Subject).Distinct());
        Assert.All(plan.Operations.Where(operation => operation.Subject is "deep" or "twice"), operation => Assert.NotEmpty(operation.Reason));
    }

    private static string Nest(int levels) => new string('[', levels) + new string(']', levels);
}
