using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

public class CompactionTests
{
    [SkippableFact]
    public async Task Old_revisions_are_looked_for_all_over_the_database_and_were_in_the_documents_changed_last_alone()
    {
        await using var place = await StoragePlace.WastefulAsync();
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 24).Select(number => $$$"""{"_id":"new{{{number}}}","_rev":"1-a","_revisions":{"start":1,"ids":["a"]}}""")]);

        var size = Assert.IsType<SizeEvidence>(Assert.Single(await place.ScanAsync("orphaned_revisions")).Evidence);

        Assert.InRange(size.SampledDocuments, 10, 16);
        Assert.InRange(size.SampledOldRevisions, size.SampledDocuments / 2, size.SampledDocuments - 1);
    }

    [SkippableFact]
    public async Task Space_that_old_revisions_hold_is_found_and_a_compaction_gives_it_back_and_tells_how_much()
    {
        await using var place = await StoragePlace.WastefulAsync();
        await place.Server.PutAsync($"{place.Database}/_design/v", """{"views":{"all":{"map":"function(d){emit(d._id)}"}}}""");
        await place.Server.GetAsync($"{place.Database}/_design/v/_view/all?limit=0");

        // A scan without types looks for it, too.
        var issue = Assert.Single(await place.Place.ScanAsync(place.Store));

        Assert.Equal((IssueTypes.OrphanedRevisions, Severity.Low, place.Database, true), (issue.Type, issue.Severity, issue.Subject, issue.CanAutoResolve));
        var size = Assert.IsType<SizeEvidence>(issue.Evidence);
        Assert.Equal((1000, size.SampledDocuments), (size.RevisionLimit, size.SampledOldRevisions));
        Assert.InRange(size.SampledDocuments, 10, 16);
        Assert.True(size.Reclaimable > 1_000_000);
        Assert.Contains("_design/v", size.Indexes.Keys);

        var plan = await place.Place.PlanAsync([issue]);
        var operation = Assert.Single(plan.Operations);
        Assert.Equal((OperationTypes.CompactDatabase, Risk.Medium, false), (operation.Type, operation.Risk, operation.NeedsReview));
        Assert.Contains("cannot be taken back", operation.Reason, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.WouldApply, Assert.Single(await place.Place.RunAsync(plan, dryRun: true)).Outcome);
        Assert.NotEmpty(await place.ScanAsync("orphaned_revisions"));

        var result = Assert.Single(await place.Place.RunAsync(plan));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        var after = await place.NumberAsync("", "sizes", "file");
        Assert.True(after < size.FileSize / 4);
        Assert.Contains("given back", result.Message!, StringComparison.Ordinal);
        Assert.True(long.Parse(result.Changes[0].Old!, CultureInfo.InvariantCulture) > 4 * long.Parse(result.Changes[0].New!, CultureInfo.InvariantCulture));
        Assert.Empty(await place.Place.ScanAsync(place.Store));

        // The ledger keeps the figures; an undo says honestly that there is none.
        var ledger = await place.Place.Engine.GetLedgerAsync(default);
        Assert.Equal(result.Message, (await ledger.ReadResultsAsync(place.Place.Execution!.Id, default).SingleAsync()).Message);
        var undo = Assert.Single((await place.Place.PlanUndoAsync()).Operations);
        Assert.True(undo.NeedsReview);
        Assert.Contains("cannot be taken back", undo.Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_compaction_removes_the_index_files_that_no_design_document_needs_and_keeps_the_others()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        await WastefulDatabase.FillAsync(server, database);
        foreach (var name in new[] { "needed", "left" })
        {
            await server.PutAsync($"{database}/_design/{name}", $$$"""{ "views": { "{{{name}}}": { "map": "function(d){emit(d._id,'{{{name}}}')}" } } }""");
            await server.GetAsync($"{database}/_design/{name}/_view/{name}?limit=0");
        }

        var needed = await SignatureAsync("needed");
        var left = await SignatureAsync("left");
        using (var design = System.Text.Json.JsonDocument.Parse(await server.GetAsync($"{database}/_design/left")))
        {
            await server.DeleteAsync($"{database}/_design/left?rev={design.RootElement.GetProperty("_rev")}");
        }

        Assert.NotEmpty(Files(left));
        await using var place = new Workplace(credential: server.Credential);

        var result = Assert.Single(await place.RunAsync(await place.PlanAsync(await place.ScanAsync($"couchdb://{server.Address.Authority}/{database}"))));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); Files(left).Any() && waited.Elapsed < TimeSpan.FromSeconds(30);)
        {
            await Task.Delay(50); // The server answers before the last file is gone.
        }

        Assert.Empty(Files(left));
        Assert.NotEmpty(Files(needed));
        Assert.Contains("\"total_rows\":100", await server.GetAsync($"{database}/_design/needed/_view/needed?limit=0"), StringComparison.Ordinal);
        server.Process!.Kill();

        IEnumerable<string> Files(string signature) => Directory.EnumerateFiles(
            server.Process!.Folder, signature + ".view", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

        async Task<string> SignatureAsync(string name) => System.Text.Json.JsonDocument.Parse(await server.GetAsync($"{database}/_design/{name}/_info"))
            .RootElement.GetProperty("view_index").GetProperty("signature").GetString()!;
    }

    [SkippableFact]
    public async Task A_plan_that_changes_documents_leaves_the_compaction_to_a_plan_of_its_own()
    {
        await using var place = await StoragePlace.WastefulAsync();
        await place.Server.InsertAsync(
            place.Database,
            """{"_id":"c","_rev":"2-bb","v":1,"_revisions":{"start":2,"ids":["bb","aa"]}}""",
            """{"_id":"c","_rev":"2-cc","v":1,"_revisions":{"start":2,"ids":["cc","aa"]}}""");

        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store));

        Assert.Equal(
            [(OperationTypes.DeleteDuplicate, false), (OperationTypes.CompactDatabase, true)],
            plan.Operations.Select(operation => (operation.Type, operation.NeedsReview)));
        Assert.Contains("--type orphaned_revisions", plan.Operations[1].Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_compaction_that_another_started_is_waited_for_and_no_error()
    {
        await using var place = await StoragePlace.WastefulAsync();
        var plan = await place.Place.PlanAsync(await place.ScanAsync("orphaned_revisions"));

        await place.Server.PostAsync($"{place.Database}/_compact", "{}");
        var result = Assert.Single(await place.Place.RunAsync(plan));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Empty(await place.ScanAsync("orphaned_revisions"));
    }

    [SkippableFact]
    public async Task Nothing_is_compacted_while_an_open_conflict_needs_the_body_of_its_ancestor()
    {
        await using var place = await StoragePlace.WastefulAsync("resolution: { default_strategy: manual }\n");
        await place.Server.InsertAsync(
            place.Database,
            ServerScanTests.Doc("c", 1, ["a"], "\"n\":1"), ServerScanTests.Doc("c", 2, ["b", "a"], "\"n\":2"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"n\":3"));
        var plan = await place.Place.PlanAsync(await place.ScanAsync("orphaned_revisions"));

        var result = Assert.Single(await place.Place.RunAsync(plan));

        Assert.Equal(OperationOutcome.NeedsReview, result.Outcome);
        Assert.Contains("'c' is in conflict", result.Message!, StringComparison.Ordinal);
        Assert.NotEmpty(await place.ScanAsync("orphaned_revisions"));
        Assert.Contains("\"n\":1", await place.Server.GetAsync($"{place.Database}/c?rev=1-a"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_resolution_can_still_be_taken_back_after_a_compaction()
    {
        await using var place = await StoragePlace.WastefulAsync();
        await place.Server.InsertAsync(
            place.Database,
            ServerScanTests.Doc("c", 1, ["a"], "\"n\":1,\"m\":1"), ServerScanTests.Doc("c", 2, ["b", "a"], "\"n\":2,\"m\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"n\":1,\"m\":2"));
        var before = await place.StateAsync("c");

        await place.Place.RunAsync(await place.Place.PlanAsync(await place.ScanAsync("conflicts")));
        var resolution = place.Place.Execution!.Id;
        var result = Assert.Single(await place.Place.RunAsync(await place.Place.PlanAsync(await place.ScanAsync("orphaned_revisions"))));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        await place.Place.RunAsync(await place.Place.PlanUndoAsync(resolution));
        Assert.Equal(before, await place.StateAsync("c"));
    }

    [SkippableFact]
    public async Task A_database_that_was_made_anew_under_its_name_is_not_compacted_by_an_old_plan()
    {
        await using var place = await StoragePlace.WastefulAsync();
        var plan = await place.Place.PlanAsync(await place.ScanAsync("orphaned_revisions"));
        var planned = (SettingPrecondition)plan.Operations[0].Precondition;
        var other = PlanOf(plan, plan.Operations[0] with { Precondition = planned with { Value = "1" } });

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(other, dryRun: true)).Outcome);
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(other)).Outcome);
    }

    [SkippableFact]
    public async Task Cancelled_while_it_compacts_it_stops_and_a_resumed_run_ends_as_an_unbroken_one()
    {
        await using var place = await StoragePlace.WastefulAsync();
        var plan = await place.Place.PlanAsync(await place.ScanAsync("orphaned_revisions"));
        using var stop = new CancellationTokenSource();
        RepairExecution? execution = null;
        var options = new RepairOptions
        {
            Credential = place.Place.Credential,
            Progress = new ActionProgress(progress =>
            {
                if (progress.Activity == "Compacting")
                {
                    stop.Cancel();
                }
            }),
            ExecutionChanged = changed => execution = changed,
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Place.Engine.RepairAsync(plan, options, stop.Token).ToListAsync().AsTask());

        Assert.Equal(ExecutionStatus.Stopped, execution!.Status);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Place.ResumeAsync(execution.Id)).Outcome);
        Assert.Empty(await place.ScanAsync("orphaned_revisions"));
    }

    [SkippableFact]
    public async Task A_small_or_compact_database_is_none_to_speak_of()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("a", 1, ["a"], "\"n\":1"));

        Assert.Empty(await place.ScanAsync("storage"));
    }

    private static RepairPlan PlanOf(RepairPlan plan, RepairOperation operation) =>
        PlanDigest.Seal(plan with { Id = Identifiers.New("plan"), Operations = [operation] });
}
