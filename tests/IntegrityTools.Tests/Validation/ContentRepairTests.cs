using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

public class ContentRepairTests
{
    private const string Rules = """
        validation:
          required_fields: { Host: [name, size] }
          references:
            - { document_type: App, path: host, target_type: Host, repair: placeholder, placeholder: nowhere }
            - { document_type: App, path: 'needs[]', target_type: App, repair: clear }
            - { document_type: App, path: owner }
          migrations:
            - { document_type: Host, path: title, rename: name }
            - { document_type: Host, path: size, default: 1 }
            - { document_type: Host, path: 'ports[].number', to: integer }
        """;

    private static readonly string[] Documents =
    [
        Doc("a1", "\"@type\":\"App\",\"n\":1.25,\"big\":9007199254740993,\"e\":\"\\u00e9\",\"host\":\"h9\",\"needs\":[\"a2\",\"x\",\"a1\",\"y\"],\"z\":[ 1.0 ]"),
        Doc("a2", "\"@type\":\"App\",\"host\":{\"@id\":\"h8\",\"n\":1.0},\"needs\":[\"x\"]"),
        Doc("a3", "\"@type\":\"App\",\"owner\":\"nobody\",\"needs\":[\"x\"]"),
        Doc("h1", "\"@type\":\"Host\",\"title\":\"one\",\"ports\":[{\"number\":\"80\"},{\"number\":\"8x\"},{\"number\":443}]"),
        Doc("h2", "\"@type\":\"Host\",\"size\":2"),
        Doc("nowhere", "\"@type\":\"Host\",\"name\":\"none\",\"size\":0"),
    ];

    [Fact]
    public async Task A_dump_is_mended_into_a_new_file_and_given_back()
    {
        await using var place = new Workplace(Rules);
        var store = WriteDump(place, Documents);
        var before = await File.ReadAllBytesAsync(place.PathOf("dump.jsonl"));
        var plan = await place.PlanAsync(await ScanAsync(place, store, "validation"));
        AssertPlan(plan);

        Assert.All(await place.RunAsync(plan, place.PathOf("mended.jsonl")), result => Assert.True(result.Outcome is OperationOutcome.Applied or OperationOutcome.NeedsReview, result.Message));
        Assert.Equal(Left, Lines(await ScanAsync(place, "couchdump:" + place.PathOf("mended.jsonl"), "validation")));

        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("back.jsonl"));
        Assert.Equal(before, await File.ReadAllBytesAsync(place.PathOf("back.jsonl")));
    }

    [SkippableFact]
    public async Task A_database_is_mended_and_given_back_with_every_byte_that_no_rule_touches()
    {
        await using var server = await ServerPlace.WithAsync(Rules, real: true, Documents);
        string[] ids = ["a1", "a2", "a3", "h1", "h2"];
        var before = await server.StateAsync(ids);
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "validation"));
        AssertPlan(plan);

        Assert.All(await server.Place.RunAsync(plan), result => Assert.True(result.Outcome is OperationOutcome.Applied or OperationOutcome.NeedsReview, result.Message));
        Assert.Equal(Left, Lines(await ScanAsync(server.Place, server.Store, "validation")));
        var a1 = await server.Server.GetAsync($"{server.Database}/a1");
        Assert.Contains("\"n\":1.25,\"big\":9007199254740993,", a1, StringComparison.Ordinal);
        Assert.Contains("\"host\":\"nowhere\",\"needs\":[\"a2\",\"a1\"]", a1, StringComparison.Ordinal);
        Assert.Contains("{\"@id\":\"nowhere\",\"n\":1.0}", await server.Server.GetAsync($"{server.Database}/a2"), StringComparison.Ordinal);
        Assert.Contains(
            "\"name\":\"one\",\"ports\":[{\"number\":80},{\"number\":\"8x\"},{\"number\":443}],\"size\":1", await server.Server.GetAsync($"{server.Database}/h1"),
            StringComparison.Ordinal);
        Assert.All(
            (await server.Place.RunAsync(plan)).Where(result => result.Outcome != OperationOutcome.NeedsReview),
            result => Assert.Equal(OperationOutcome.AlreadyApplied, result.Outcome));

        await server.Place.RunAsync(plan, dryRun: true);
        var executions = await (await server.Place.Engine.GetLedgerAsync(default)).ListExecutionsAsync(default);
        var undo = await server.Place.Engine.PlanUndoAsync(executions[^1].Id, server.Place.Credential, record: true, default);
        Assert.All(await server.Place.RunAsync(undo), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.Equal(before, await server.StateAsync(ids));
    }

    [SkippableFact]
    public async Task A_document_edited_since_the_plan_is_stale_and_one_in_conflict_waits()
    {
        await using var server = await ServerPlace.WithAsync(Rules, real: false, [.. Documents, ServerScanTests.Doc("h1", 1, ["b"], "\"@type\":\"Host\"")]);
        var plan = await server.Place.PlanAsync(await ScanAsync(server.Place, server.Store, "validation"));
        Assert.Contains("in conflict", plan.Operations.Single(operation => operation.Subject == "h1").Reason, StringComparison.Ordinal);
        await server.Server.InsertAsync(server.Database, ServerScanTests.Doc("a2", 2, ["c", "a"], "\"@type\":\"App\""));

        var results = await server.Place.RunAsync(plan);

        Assert.Equal(OperationOutcome.Stale, results.Single(result => result.Subject == "a2").Outcome);
        Assert.Equal(OperationOutcome.Applied, results.Single(result => result.Subject == "a1").Outcome);
    }

    [Fact]
    public async Task What_was_found_tells_whether_the_configuration_mends_it()
    {
        var issues = await ScanDumpAsync(Rules, "validation", Documents);

        Assert.Equal(["a1", "a2", "h1"], issues.Where(issue => issue.CanAutoResolve).Select(issue => issue.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_reference_of_one_type_that_a_person_decides_was_called_automatic_for_the_sake_of_anothers_of_the_same_name()
    {
        const string ByType = """
            validation:
              references: [ { document_type: App, path: host, repair: clear }, { document_type: Site, path: host } ]
            """;
        var issues = await ScanDumpAsync(ByType, "validation", Doc("app", "\"@type\":\"App\",\"host\":\"gone\""), Doc("site", "\"@type\":\"Site\",\"host\":\"gone\""));

        Assert.Equal([("app", true), ("site", false)], issues.Select(issue => (issue.Subject, issue.CanAutoResolve)).Order());
    }

    [Fact]
    public async Task A_reference_in_the_other_form_is_mended_where_it_stands()
    {
        const string Other = """
            validation:
              references: [ { document_type: App, path: host, repair: clear }, { document_type: App, path: 'needs[]', repair: placeholder, placeholder: none } ]
            """;
        await using var place = new Workplace(Other);
        var store = WriteDump(place, Doc("a", "\"@type\":\"App\",\"host\":[\"none\",\"gone\"],\"needs\":\"lost\""), Doc("b", "\"@type\":\"App\",\"needs\":{\"@id\":\"lost\"}"), Doc("none", "\"x\":1"));

        await place.RunAsync(await place.PlanAsync(await ScanAsync(place, store, "validation")), place.PathOf("one.jsonl"));

        var text = await File.ReadAllTextAsync(place.PathOf("one.jsonl"));
        Assert.Contains("\"host\":[\"none\"],\"needs\":\"none\"", text, StringComparison.Ordinal);
        Assert.Contains("\"needs\":{\"@id\":\"none\"}", text, StringComparison.Ordinal);
        Assert.Empty(await ScanAsync(place, "couchdump:" + place.PathOf("one.jsonl"), "validation"));
    }

    [Fact]
    public async Task Two_faults_of_one_document_are_two_plans()
    {
        const string Both = """
            validation:
              required_fields: { App: [name] }
              references: [ { document_type: App, path: host, repair: clear } ]
              migrations: [ { document_type: App, path: name, default: none } ]
            """;
        await using var place = new Workplace(Both);
        var store = WriteDump(place, Doc("a", "\"@type\":\"App\",\"host\":\"gone\""));
        var plan = await place.PlanAsync(await ScanAsync(place, store, "validation"));

        Assert.Equal([false, true], plan.Operations.Select(operation => operation.NeedsReview));
        await place.RunAsync(plan, place.PathOf("one.jsonl"));
        Assert.Equal(1, (await place.PlanAsync(await ScanAsync(place, "couchdump:" + place.PathOf("one.jsonl"), "validation"))).Automatic);
    }

    [Fact]
    public void Edits_leave_the_bytes_beside_them_as_they_are()
    {
        using var body = JsonDocument.Parse("""{"a":1.0,"b":{"c":[1e2,"\u00e9",{"d":1}],"b.x":0},"e":[]}""");
        var edits = new BodyEdits();
        edits.Remove(FieldPath.Root.Member("b").Member("c").Element(0));
        edits.Add(FieldPath.Root.Member("b").Member("c").Element(2), "new", RawJson.FromText("true"));
        edits.Rename(FieldPath.Root.Member("b").Member("b.x"), "q\"");
        edits.Replace(FieldPath.Root.Member("e"), RawJson.FromText("{}"));
        edits.Add(FieldPath.Root, "f", RawJson.FromText("7"));

        Assert.Equal("""{"a":1.0,"b":{"c":["\u00e9",{"d":1,"new":true}],"q\u0022":0},"e":{},"f":7}""", edits.Apply(body.RootElement).Text);
    }

    private static readonly string[] Left =
        ["a3 missing_reference needs[0] owner", "h2 missing_field name"];

    private static void AssertPlan(RepairPlan plan)
    {
        var lines = plan.Operations.Select(operation => $"{operation.Subject} {operation.Type} {(operation.NeedsReview ? "review" : Codes.Of(operation.Risk))}");
        Assert.Equal(
            ["a1 fix_reference medium", "a2 fix_reference medium", "a3 fix_reference review", "h1 update_schema medium", "h2 update_schema review"],
            lines.Order(StringComparer.Ordinal));
    }
}
