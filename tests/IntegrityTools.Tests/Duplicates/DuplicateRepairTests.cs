using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Duplicates;

public class DuplicateRepairTests
{
    private const string Ports = """
        resolution:
          rules: [ { path: ports, rule: union } ]

        """;

    private static readonly string[] Documents =
    [
        Doc("a1", "\"@type\":\"SoftwareApplication\",\"@id\":\"a1\",\"name\":\"web\",\"hostedOn\":\"h1\",\"n\":1.0,\"ports\":[80],\"dateCreated\":\"2025-02-01\",\"dateModified\":\"2025-03-01\""),
        Doc("a2", "\"@type\":\"SoftwareApplication\",\"@id\":\"a2\",\"name\":\"web \",\"hostedOn\":\"h1\",\"image\":\"x\",\"ports\":[80,443],\"dependsOn\":[\"a1\",\"d1\"],\"dateCreated\":\"2025-01-01\",\"dateModified\":\"2025-04-01\""),
        Doc("d1", "\"@type\":\"SoftwareApplication\",\"identifier\":\"db\",\"hostedOn\":\"h1\",\"name\":\"d\""),
        Doc("d2", "\"@type\":\"SoftwareApplication\",\"identifier\":\"db\",\"hostedOn\":\"h1\",\"big\":9007199254740993"),
        Doc("h1", "\"@type\":\"ComputerServer\""),
        Doc("s1", "\"@type\":\"Stack\",\"hosts\":[\"h1\"],\"containers\":[\"a1\",\"a2\",\"d1\"],\"e\":\"\\u00e9\""),
        Doc("s2", "\"@type\":\"Stack\",\"containers\":[{\"@id\":\"a2\",\"n\":1.0}]"),
        Doc("u1", "\"@type\":\"SoftwareApplication\",\"name\":\"u\",\"hostedOn\":\"h1\",\"status\":\"up\""),
        Doc("u2", "\"@type\":\"SoftwareApplication\",\"name\":\"u\",\"hostedOn\":\"h1\",\"status\":\"down\""),
    ];

    private static readonly string[] Ids = ["a1", "a2", "d1", "d2", "h1", "s1", "s2", "u1", "u2"];

    [Fact]
    public async Task A_plan_writes_what_stays_first_then_what_refers_to_the_others_and_deletes_last()
    {
        await using var place = new Workplace(Ports);
        var plan = await place.PlanAsync(await ScanAsync(place, WriteDump(place, Documents), "duplicates"));

        Assert.Equal(
            [
                "u1 merge_duplicates review",
                "a2 merge_duplicates 1 medium", "d1 merge_duplicates 1 medium",
                "s1 fix_reference 2 medium",
                "a1 delete_duplicate 3 medium", "d2 delete_duplicate 3 medium",
            ],
            plan.Operations.Select(operation => operation.NeedsReview
                ? $"{operation.Subject} {operation.Type} review" : $"{operation.Subject} {operation.Type} {operation.Step} {Codes.Of(operation.Risk)}"));
        Assert.Single(plan.Operations.Select(operation => operation.Group).OfType<string>().Distinct());
        Assert.Equal(["status"], plan.Operations[0].UndecidedFields);
        var merged = plan.Operations.Single(operation => operation.Subject == "a2");
        Assert.Contains("2 documents refer to it", merged.Reason, StringComparison.Ordinal);
        Assert.Contains(merged.Discarded, edit => edit is { Path: "name", Value: "\"web\"" });
        Assert.Contains("\"n\":1.0", ((ResolveConflictAction)merged.Action!).Body!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_character_in_any_document_ended_the_planning_of_duplicates_in_a_stack_trace()
    {
        await using var place = new Workplace();
        var store = WriteDump(place, [.. Documents, Doc("cut", "\"text\":\"cut off \\ud83d\",\"of\":\"\\u0064\\u0032\"")]);

        var plan = await place.PlanAsync(await ScanAsync(place, store, "duplicates"));

        Assert.Contains("'cut' holds its id", Assert.Single(plan.Operations, operation => operation is { NeedsReview: true, Subject: "d1" }).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_is_made_one_document_a_thing_and_given_back_byte_for_byte()
    {
        await using var place = new Workplace(Ports);
        var store = WriteDump(place, Documents);
        var before = await File.ReadAllBytesAsync(place.PathOf("dump.jsonl"));
        var plan = await place.PlanAsync(await ScanAsync(place, store, "duplicates"));

        Assert.All(
            (await place.RunAsync(plan, place.PathOf("mended.jsonl"))).Where(result => result.Subject != "u1"),
            result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject} {result.Message}"));
        var mended = "couchdump:" + place.PathOf("mended.jsonl");
        Assert.Equal(["u1"], (await ScanAsync(place, mended, "all")).Select(issue => issue.Subject));

        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("back.jsonl"));
        Assert.Equal(before, await File.ReadAllBytesAsync(place.PathOf("back.jsonl")));
    }

    [SkippableFact]
    public async Task A_database_is_made_one_document_a_thing_and_given_back()
    {
        await using var server = await ServerPlace.WithAsync(Ports, real: true, Documents);
        var before = await server.StateAsync(Ids);
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "duplicates"));

        Assert.All(
            (await server.Place.RunAsync(plan)).Where(result => result.Subject != "u1"),
            result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject} {result.Message}"));
        Assert.Equal(["u1"], (await ScanAsync(server.Place, server.Store, "all")).Select(issue => issue.Subject));
        var a2 = await server.Server.GetAsync($"{server.Database}/a2");
        Assert.Contains("\"@id\":\"a2\",\"name\":\"web \",\"hostedOn\":\"h1\",\"image\":\"x\",", a2, StringComparison.Ordinal);
        Assert.Contains("\"dependsOn\":[\"d1\"],\"dateCreated\":\"2025-01-01\",\"dateModified\":\"2025-04-01\",\"n\":1.0", a2, StringComparison.Ordinal);
        Assert.Contains("\"containers\":[\"a2\",\"d1\"],\"e\":\"", await server.Server.GetAsync($"{server.Database}/s1"), StringComparison.Ordinal);
        Assert.Contains("9007199254740993", await server.Server.GetAsync($"{server.Database}/d1"), StringComparison.Ordinal);

        // Twice is once.
        Assert.All(
            (await server.Place.RunAsync(plan)).Where(result => result.Subject != "u1"), result => Assert.Equal(OperationOutcome.AlreadyApplied, result.Outcome));
        var executions = await (await server.Place.Engine.GetLedgerAsync(default)).ListExecutionsAsync(default);
        var undo = await server.Place.Engine.PlanUndoAsync(executions[^1].Id, server.Place.Credential, record: true, default);
        Assert.All(await server.Place.RunAsync(undo), result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject} {result.Message}"));
        Assert.Equal(before, await server.StateAsync(Ids));
    }

    [SkippableTheory]
    [InlineData("a2", "s1", "a1")]
    [InlineData("s1", "s1", "a1")]
    [InlineData("a1", "a1", "")]
    public async Task A_group_stops_at_a_document_that_somebody_has_edited_and_nothing_that_is_needed_is_deleted(string edited, string stale, string notBegun)
    {
        await using var server = await ServerPlace.WithAsync(Ports, real: true, Documents);
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "duplicates"));
        await server.Server.InsertAsync(server.Database, ServerScanTests.Doc(edited, 2, ["c", "a"], "\"@type\":\"Stack\",\"edited\":true"));

        var dry = (await server.Place.RunAsync(plan, dryRun: true)).ToDictionary(result => result.Subject, result => result.Outcome);
        var results = (await server.Place.RunAsync(plan)).ToDictionary(result => result.Subject);

        Assert.Equal((OperationOutcome.Stale, OperationOutcome.Stale), (dry[edited], results[edited].Outcome));
        Assert.Equal(OperationOutcome.Stale, results[stale].Outcome);
        Assert.Contains("\"edited\":true", await server.Server.GetAsync($"{server.Database}/{edited}"), StringComparison.Ordinal);
        if (notBegun.Length > 0)
        {
            Assert.Contains("Not begun", results[notBegun].Message, StringComparison.Ordinal);
            Assert.Equal(OperationOutcome.Stale, dry[notBegun]);
            Assert.Contains("\"n\":1.0", await server.Server.GetAsync($"{server.Database}/a1"), StringComparison.Ordinal);
            Assert.Contains("9007199254740993", await server.Server.GetAsync($"{server.Database}/d2"), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_deletion_that_was_accepted_is_taken_back_though_no_leaf_is_left_alive()
    {
        await using var server = await ServerPlace.WithAsync(
            Ports, real: true, ServerScanTests.Doc("c", 1, ["a"], "\"v\":1"), ServerScanTests.Doc("c", 2, ["b", "a"], "\"v\":2"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"_deleted\":true"));
        var before = await server.StateAsync("c");
        var issue = Assert.Single(await server.Place.ScanAsync(server.Store));
        var plan = (await server.Place.Engine.PlanAsync(
            new[] { issue }.ToAsyncEnumerable(), new PlanOptions { KeepRevision = "2-c", Credential = server.Place.Credential }, default)).Single();
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await server.Place.RunAsync(plan)).Outcome);
        Assert.StartsWith("winner deleted", (await server.StateAsync("c"))["c"], StringComparison.Ordinal);

        await server.UndoAsync();

        Assert.Equal(before, await server.StateAsync("c"));
    }

    [SkippableFact]
    public async Task A_reference_that_arrives_after_the_deletion_is_made_to_lead_to_the_survivor()
    {
        await using var server = await ServerPlace.WithAsync(Ports, real: false, Documents);
        await server.Place.RunAsync(await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "duplicates")));
        await server.Server.InsertAsync(server.Database, Doc("late", "\"@type\":\"Stack\",\"containers\":[\"a1\"]"));

        var issue = Assert.Single(await ScanAsync(server.Place, server.Store, "missing_reference"));
        Assert.Contains("merged into a2", issue.Message, StringComparison.Ordinal);
        Assert.True(issue.CanAutoResolve);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await server.Place.RunAsync(await server.Place.PlanAsync([issue]))).Outcome);
        Assert.Contains("\"containers\":[\"a2\"]", await server.Server.GetAsync($"{server.Database}/late"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_decides_where_the_documents_differ_and_what_it_passes_over_is_named()
    {
        const string Rules = """
            resolution:
              rules: [ { path: status, prefer: [down, up] } ]
            """;
        await using var place = new Workplace(Rules);
        var plan = await place.PlanAsync((await ScanAsync(place, WriteDump(place, Documents), "duplicates")).Where(issue => issue.Subject == "u1"));

        var merged = plan.Operations[0];
        Assert.Contains("\"status\":\"down\"", ((ResolveConflictAction)merged.Action!).Body!.Value.Text, StringComparison.Ordinal);
        Assert.Equal("\"up\"", Assert.Single(merged.Discarded).Value);
    }

    [Fact]
    public async Task A_person_chooses_the_one_that_stays_by_its_revision_or_gives_the_document()
    {
        await using var place = new Workplace(Ports);
        var store = WriteDump(place, [.. Documents[..^1], ServerScanTests.Doc("u2", 1, ["b"], "\"@type\":\"SoftwareApplication\",\"name\":\"u\",\"hostedOn\":\"h1\",\"status\":\"down\"")]);
        var issue = (await ScanAsync(place, store, "duplicates")).Where(found => found.Subject == "u1").ToList();
        Assert.False(issue[0].CanAutoResolve);

        var revision = ((DuplicateEvidence)issue[0].Evidence).Documents[1].Revision;
        var chosen = await PlanAsync(place, issue, new PlanOptions { KeepRevision = revision });
        Assert.Equal(["u2 merge_duplicates", "u1 delete_duplicate"], chosen.Operations.Select(operation => $"{operation.Subject} {operation.Type}"));
        Assert.Equal((Risk.High, "\"up\""), (chosen.HighestRisk, Assert.Single(chosen.Operations[0].Discarded).Value));

        var given = await PlanAsync(place, issue, new PlanOptions { Document = RawJson.FromText("{\"@type\":\"SoftwareApplication\",\"name\":\"u\",\"hostedOn\":\"h1\",\"status\":\"both\"}") });
        Assert.Contains("\"both\"", ((ResolveConflictAction)given.Operations[0].Action!).Body!.Value.Text, StringComparison.Ordinal);

        var wrong = await Assert.ThrowsAsync<IntegrityException>(() => PlanAsync(place, issue, new PlanOptions { KeepRevision = "9-x" }));
        Assert.Contains("(u2)", wrong.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"@type\":\"Note\",\"about\":[{\"x\":\"d2\"}]", null)]
    [InlineData("\"@type\":\"Note\",\"by\":{\"\\u0064\\u0032\":1}", null)]
    [InlineData("\"@type\":\"Stack\",\"containers\":[\"d2\"],\"main\":\"d2\"", null)]
    [InlineData("\"@type\":\"Stack\",\"containers\":[\"d2\"],\"why\":\"d2 was slow\"", "d2")]
    public async Task A_document_is_not_deleted_while_another_holds_its_id_where_no_reference_is_configured(string body, string? stays)
    {
        await using var place = new Workplace(Ports);
        var issues = await ScanAsync(place, WriteDump(place, [ServerScanTests.Doc("d1", 1, ["b"], "\"@type\":\"SoftwareApplication\",\"identifier\":\"db\""), Documents[3], Doc("zz", body), Doc("s3", "\"@type\":\"Stack\",\"containers\":[\"d1\"]")]), "duplicates");

        var plan = await place.PlanAsync(issues);

        if (stays is null)
        {
            var operation = Assert.Single(plan.Operations);
            Assert.True(operation.NeedsReview);
            Assert.Contains("'zz' holds its id", operation.Reason, StringComparison.Ordinal);
            var byHand = await PlanAsync(place, issues, new PlanOptions { KeepRevision = "1-b" });
            Assert.Contains(byHand.Operations, removal => removal is { Subject: "d2", NeedsReview: false });
        }
        else
        {
            Assert.Equal(["d1", "zz", stays], plan.Operations.Select(operation => operation.Subject));
        }
    }

    [Fact]
    public async Task What_a_plan_changes_for_another_issue_waits_for_the_next()
    {
        const string Rules = """
            validation:
              required_fields: { Stack: [title] }
              migrations: [ { document_type: Stack, path: title, default: none } ]
            """;
        await using var place = new Workplace(Rules);
        var plan = await place.PlanAsync(await ScanAsync(place, WriteDump(place, Documents[..^2]), "all"));

        var waits = plan.Operations.Where(operation => operation.Type == OperationTypes.MergeDuplicates).ToList();
        Assert.All(waits, operation => Assert.Contains("already changes 's", operation.Reason, StringComparison.Ordinal));
        Assert.All(waits, operation => Assert.True(operation.NeedsReview));
    }

    [Fact]
    public async Task One_operation_of_a_group_that_is_declined_keeps_all_of_it_from_being_done()
    {
        await using var place = new Workplace(Ports);
        var plan = await place.PlanAsync(await ScanAsync(place, WriteDump(place, Documents[..^2]), "duplicates"));

        var results = await place.Engine.RepairAsync(
            plan, new RepairOptions { Destination = place.PathOf("new.jsonl"), Approve = operation => operation.Subject != "d2" }, default).ToListAsync();

        Assert.Equal(plan.Operations.Count, results.Count);
        Assert.All(results, result => Assert.Equal(OperationOutcome.Declined, result.Outcome));
    }

    [SkippableFact]
    public async Task Attachments_that_only_the_other_document_has_come_along_and_of_two_that_differ_a_person_decides()
    {
        static string With(string id, string name, string data) =>
            Doc(id, $"\"type\":\"T\",\"identifier\":\"{id[0]}\",\"_attachments\":{{\"{name}\":{{\"content_type\":\"text/plain\",\"data\":\"{data}\"}}}}");
        await using var server = await ServerPlace.WithAsync(Ports, real: true, With("x1", "one", "AAAA"), With("x2", "two", "BBBB"), With("y1", "one", "AAAA"), With("y2", "one", "BBBB"));
        var before = await server.StateAsync("x1", "x2");
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "duplicates"));

        Assert.Equal(["_attachments['one']"], plan.Operations.Single(operation => operation.NeedsReview).UndecidedFields);
        Assert.All(
            (await server.Place.RunAsync(plan)).Where(result => result.Subject[0] == 'x'),
            result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject} {result.Message}"));
        var state = (await server.StateAsync("x1"))["x1"];
        Assert.Contains("\"one\":{\"content_type\":\"text/plain\",\"data\":\"AAAA\"}", state, StringComparison.Ordinal);
        Assert.Contains("\"two\":{\"content_type\":\"text/plain\",\"data\":\"BBBB\"}", state, StringComparison.Ordinal);
        await server.UndoAsync();
        Assert.Equal(before, await server.StateAsync("x1", "x2"));
    }

    [SkippableFact]
    public async Task An_attachment_that_went_with_an_edit_of_the_other_document_stops_its_own_group_and_not_the_run()
    {
        const string File = "\"type\":\"T\",\"identifier\":\"x\",\"_attachments\":{\"two\":{\"content_type\":\"text/plain\",\"data\":\"BBBB\"}}";
        string[] others = [Doc("x1", "\"type\":\"T\",\"identifier\":\"x\""), Doc("y1", "\"type\":\"T\",\"identifier\":\"y\",\"n\":1"), Doc("y2", "\"type\":\"T\",\"identifier\":\"y\",\"m\":1")];
        await using var server = await ServerPlace.WithAsync(Ports, real: true, [.. others, ServerScanTests.Doc("x2", 1, ["a"], File)]);
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "duplicates"));

        // As an edit and a compaction leave it.
        await server.Server.RemakeAsync(server.Database);
        await server.Server.InsertAsync(server.Database, [.. others, ServerScanTests.Doc("x2", 2, ["b", "a"], "\"type\":\"T\",\"identifier\":\"x\"")]);

        var results = await server.Place.RunAsync(plan);

        Assert.All(results.Where(result => result.Subject[0] == 'x'), result => Assert.Equal(OperationOutcome.Stale, result.Outcome));
        Assert.All(results.Where(result => result.Subject[0] == 'y'), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
    }

    private static async Task<RepairPlan> PlanAsync(Workplace place, IEnumerable<IntegrityIssue> issues, PlanOptions options) =>
        (await place.Engine.PlanAsync(issues.ToAsyncEnumerable(), options, default)).Single();
}
