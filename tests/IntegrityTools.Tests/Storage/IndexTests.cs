using System.Globalization;
using System.Net;
using System.Text;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

public class IndexTests
{
    // The server builds no index of such a design document by itself.
    private const string Views = """{"autoupdate":false,"views":{"by_n":{"map":"function(d){emit(d.n,1)}","reduce":"_count"}}}""";

    // An index of Mango, by hand.
    private const string Mango = """{"autoupdate":false,"language":"query","views":{"n":{"map":{"fields":{"n":"asc"},"partial_filter_selector":{}},"reduce":"_count","options":{"def":{"fields":["n"]}}}}}""";

    [SkippableFact]
    public async Task A_stale_index_is_told_by_how_much_without_building_it_and_a_repair_brings_it_up_to_date()
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", Views);

        var issue = Assert.Single(await place.ScanAsync("storage"));

        Assert.Equal((IssueTypes.StaleIndex, "_design/v", Severity.Medium), (issue.Type, issue.Subject, issue.Severity));
        var index = Assert.IsType<IndexEvidence>(issue.Evidence);
        Assert.Equal((41, 0), (index.Pending, index.Seen));
        Assert.Equal(["by_n"], index.Views);
        Assert.Equal(0, await place.NumberAsync("/_design/v/_info", "view_index", "update_seq"));

        var plan = await place.Place.PlanAsync([issue]);
        var operation = Assert.Single(plan.Operations);
        Assert.Equal((OperationTypes.RebuildIndex, Risk.Low, false), (operation.Type, operation.Risk, operation.NeedsReview));
        var before = await place.Server.GetAsync($"{place.Database}/_design/v");

        var result = Assert.Single(await place.Place.RunAsync(plan));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Equal(before, await place.Server.GetAsync($"{place.Database}/_design/v"));
        Assert.Equal(0, await place.NumberAsync("/_design/v/_info", "view_index", "updates_pending", "total"));
        Assert.Empty(await place.ScanAsync("storage"));
        Assert.Contains("nothing to give back", Assert.Single((await place.Place.PlanUndoAsync()).Operations).Reason, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.Place.RunAsync(plan)).Outcome);
    }

    [SkippableFact]
    public async Task An_index_of_a_design_document_that_was_changed_since_the_plan_is_left_alone()
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", Views);
        var plan = await place.Place.PlanAsync(await place.ScanAsync("stale_index"));
        await place.Server.InsertAsync(place.Database, $$$"""{"_id":"_design/v","_rev":"9-x","_revisions":{"start":9,"ids":["x"]},{{{Views[1..]}}}""");

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(plan, dryRun: true)).Outcome);
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(plan)).Outcome);
    }

    [SkippableTheory]
    [InlineData("""{"autoupdate":false,"language":"cobol","views":{"x":{"map":"MOVE A TO B"}}}""", "does not know its language")]
    [InlineData("""{"autoupdate":false,"views":{"x":{"map":"function(d){throw(['fatal','error','boom'])}"}}}""", "ends the build (error,<<\"boom\">>)")]
    [InlineData("""{"views":{"x":{"map":"function(d){emit(d.n,'text')}","reduce":"_sum"}}}""", "its reduction fails (The _sum function requires")]
    public async Task An_index_whose_build_or_reduction_fails_is_broken_with_the_servers_words_and_left_to_its_author(string design, string words)
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", design);
        if (design.Contains("_sum", StringComparison.Ordinal))
        {
            await place.Server.GetAsync($"{place.Database}/_design/v/_view/x?reduce=false&limit=0");
        }

        var issue = Assert.Single(await place.ScanAsync("storage"));

        Assert.Equal((IssueTypes.BrokenIndex, "_design/v", Severity.High, false), (issue.Type, issue.Subject, issue.Severity, issue.CanAutoResolve));
        Assert.Contains(words, issue.Message, StringComparison.Ordinal);
        var operation = Assert.Single((await place.Place.PlanAsync([issue])).Operations);
        Assert.True(operation.NeedsReview);
        Assert.Contains("Only the author", operation.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, """{"error":"error","reason":"{compilation_error,<<\"Expression does not eval to a function. (function(d){emit()\">>,\n [{couch_os_process,prompt"}""", "it does not compile")]
    [InlineData(500, """{"error":"error","reason":"{<<\"TypeError\">>,<<\"cannot read property 'city' of undefined\">>,\n [{couch_os_process"}""", null)]
    [InlineData(500, """{"error":"error","reason":"{os_process_error,{exit_status,139},\n [{couch_os_process"}""", "its function ends the build")]
    [InlineData(400, """{"error":"query_parse_error","reason":"`partition` parameter is mandatory for queries to this view."}""", null)]
    [InlineData(200, """{"results":[],"last_seq":"1"}""", null)]
    public void What_trying_a_function_answers_is_told_apart(int status, string answer, string? what) =>
        Assert.Equal(what, IndexCheck.BuildFailure(new ServerAnswer((HttpStatusCode)status, Encoding.UTF8.GetBytes(answer)))?.What);

    [SkippableFact]
    public async Task A_function_that_throws_at_some_documents_is_not_broken_since_views_pass_over_those()
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", """{"autoupdate":false,"views":{"x":{"map":"function(d){emit(d.address.city)}"}}}""");

        Assert.Equal(IssueTypes.StaleIndex, Assert.Single(await place.ScanAsync("storage")).Type);
    }

    [SkippableFact]
    public async Task An_index_whose_file_is_damaged_is_made_anew_and_its_definition_stays_byte_for_byte()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, Documents(400));
        await server.PutAsync($"{database}/_design/v", Views);
        Assert.Contains("\"value\":400", await server.GetAsync($"{database}/_design/v/_view/by_n"), StringComparison.Ordinal);
        StoragePlace.DamageIndexes(server);
        await using var place = new Workplace(credential: server.Credential);
        var store = $"couchdb://{server.Address.Authority}/{database}";

        var issue = Assert.Single(await place.ScanAsync(store));

        Assert.Equal((IssueTypes.BrokenIndex, "_design/v", true), (issue.Type, issue.Subject, issue.CanAutoResolve));
        Assert.Contains("cannot be read", issue.Message, StringComparison.Ordinal);
        var plan = await place.PlanAsync([issue]);
        Assert.Equal((OperationTypes.RebuildIndex, Risk.Medium), (plan.Operations[0].Type, plan.Operations[0].Risk));
        var before = await server.GetAsync($"{database}/_design/v");

        var result = Assert.Single(await place.RunAsync(plan));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Equal(WithoutRevision(before), WithoutRevision(await server.GetAsync($"{database}/_design/v")));
        Assert.Contains("\"value\":400", await server.GetAsync($"{database}/_design/v/_view/by_n"), StringComparison.Ordinal);
        Assert.Empty(await place.ScanAsync(store));
        server.Process!.Kill();
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_rebuild_that_is_cut_off_between_any_two_of_its_writes_is_finished_by_a_resumed_run(int writes)
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", Views);
        var before = await place.Server.GetAsync($"{place.Database}/_design/v");
        var sent = 0;
        using var proxy = new CuttingProxy(
            place.Server.Address,
            line => Task.FromResult(
                ((line.StartsWith("PUT", StringComparison.Ordinal) && line.Contains("_design", StringComparison.Ordinal)) || line.Contains("_view_cleanup", StringComparison.Ordinal))
                && ++sent == writes ? Cut.Answer : Cut.None));
        var scratch = await PlanFromScratchAsync(place, proxy);

        try
        {
            await place.Place.RunAsync(scratch);
        }
        catch (IntegrityException)
        {
            var resumed = Assert.Single(await place.Place.ResumeAsync(place.Place.Execution!.Id));
            Assert.True(resumed.Outcome == OperationOutcome.Applied, resumed.Message);
        }

        Assert.Equal(ExecutionStatus.Completed, place.Place.Execution!.Status);
        Assert.Equal(WithoutRevision(before), WithoutRevision(await place.Server.GetAsync($"{place.Database}/_design/v")));
        Assert.Empty(await place.ScanAsync("storage"));
    }

    [SkippableFact]
    public async Task A_new_index_that_is_not_behind_is_kept_where_documents_are_deleted_all_the_time()
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", Mango);
        var counted = 0;
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (IsCount(line))
            {
                await DeleteAsync(place, from: 3 * counted++, 3);
            }

            return Cut.None;
        });

        var result = Assert.Single(await place.Place.RunAsync(await PlanFromScratchAsync(place, proxy)));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Equal(1, counted);
    }

    [SkippableFact]
    public async Task A_rebuild_that_may_not_give_the_definition_back_says_so_whichever_time_it_tried()
    {
        await using var place = await PlaceAsync(40);
        await place.Server.PutAsync($"{place.Database}/_design/v", Mango);
        var counted = 0;
        var written = 0;
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (line.Contains("limit=0&reduce=false", StringComparison.Ordinal))
            {
                // More than there were before, and than there will be.
                await place.Server.InsertAsync(place.Database, [.. Documents(50).Skip(40)]);
            }
            else if (IsCount(line) && counted++ == 0)
            {
                await DeleteAsync(place, from: 0, 30);
            }
            else if (counted > 0 && line.StartsWith("PUT /", StringComparison.Ordinal) && line.Contains("_design", StringComparison.Ordinal) && ++written == 2)
            {
                // Someone else writes it while it is marked.
                await place.Server.PutAsync($"{place.Database}/_design/v", await place.Server.GetAsync($"{place.Database}/_design/v"));
            }

            return Cut.None;
        });

        var result = Assert.Single(await place.Place.RunAsync(await PlanFromScratchAsync(place, proxy)));

        Assert.Equal(OperationOutcome.Failed, result.Outcome);
        Assert.Contains("refuses to write _design/v", result.Message, StringComparison.Ordinal);
        Assert.True(RebuildMark.IsOn(RawJson.FromText(await place.Server.GetAsync($"{place.Database}/_design/v"))));
    }

    [Theory]
    [InlineData("""{"_id":"_design/v","language":"javascript","views":{"a":{"map":"function(d){emit(1.0)}"}}}""")]
    [InlineData("""{"_id":"_design/v","options":{},"views":{"ä":{"map":"<b>"}}}""")]
    [InlineData("""{"_id":"_design/v","options":{"partitioned":false,"n":9007199254740993},"views":{}}""")]
    public void The_mark_of_a_rebuild_goes_without_a_trace(string design)
    {
        var marked = RebuildMark.Set(RawJson.FromText(design));

        Assert.False(RebuildMark.IsOn(RawJson.FromText(design)));
        Assert.True(RebuildMark.IsOn(marked));
        Assert.Equal(design, RebuildMark.Remove(marked).Text);
    }

    private static string[] Documents(int count) =>
        [.. Enumerable.Range(0, count).Select(number => ServerScanTests.Doc(string.Create(CultureInfo.InvariantCulture, $"doc{number:0000}"), 1, ["a"], $"\"n\":{number}"))];

    private static bool IsCount(string line) => line.Contains("/_view/", StringComparison.Ordinal) && line.Contains("update=false", StringComparison.Ordinal) && line.Contains("reduce=false", StringComparison.Ordinal);

    private static async Task DeleteAsync(ServerPlace place, int from, int count)
    {
        foreach (var number in Enumerable.Range(from, count))
        {
            await place.Server.DeleteAsync(string.Create(CultureInfo.InvariantCulture, $"{place.Database}/doc{number:0000}?rev=1-a"));
        }
    }

    /// <summary>The plan of a rebuild from scratch of the index, which is stale, through the proxy.</summary>
    private static async Task<RepairPlan> PlanFromScratchAsync(ServerPlace place, CuttingProxy proxy)
    {
        var plan = await place.Place.PlanAsync(await place.ScanAsync("stale_index"));
        var store = $"couchdb://{proxy.Authority}/{place.Database}";
        await PlanFile.ExportAsync(
            plan with { Store = store, Operations = [plan.Operations[0] with { Action = new RebuildIndexAction("_design/v", FromScratch: true) }] },
            place.Place.PathOf("plan.json"),
            overwrite: false,
            default);
        return await place.Place.Engine.ImportPlanAsync(place.Place.PathOf("plan.json"), acceptChanges: true, record: true, default);
    }

    private static Task<ServerPlace> PlaceAsync(int documents) => ServerPlace.WithAsync("resolution: {}\n", real: true, Documents(documents));

    private static string WithoutRevision(string document) => System.Text.RegularExpressions.Regex.Replace(document, "\"_rev\":\"[^\"]*\"", "");
}
