using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Engines;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Repair;

/// <summary>What a repair, a resume and an undo take for their own work looks like it to the last byte, and was saved before.</summary>
public class OwnWorkTests
{
    private static readonly string[] Fork = [Doc("d", 1, ["a1"], "\"x\":1"), Doc("d", 1, ["a2"], "\"y\":1")];

    [SkippableFact]
    public async Task An_attachment_that_is_all_somebody_changed_since_the_plan_stops_the_repair_and_outlives_its_undo()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, Doc("d", 1, ["r"], "\"v\":0"), Doc("d", 2, ["bb", "r"], "\"v\":1"), Doc("d", 2, ["cc", "r"], "\"v\":2"));
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store), Strategy.HighestRev);
        await place.Server.AttachAsync(place.Database, "d", "a.txt", "text/plain", "precious"u8.ToArray());

        var result = Assert.Single(await place.Place.RunAsync(plan));
        Assert.Equal(OperationOutcome.Stale, result.Outcome);
        await place.Place.RunAsync(await place.Place.PlanUndoAsync());

        Assert.Equal("precious"u8.ToArray(), await place.Server.GetBytesAsync($"{place.Database}/d/a.txt"));
        Assert.Equal(2, (await LeavesAsync(place)).Live.Count());
    }

    [SkippableFact]
    public async Task An_attachment_that_is_all_somebody_changed_in_a_document_brought_into_form_meanwhile_is_no_work_of_the_repair()
    {
        const string Configuration = "validation:\n  required_fields: { T: [v] }\n  migrations: [ { document_type: T, path: v, default: 1 } ]\n";
        await using var place = await ServerPlace.WithAsync(Configuration, real: true, Doc("d", 1, ["a"], "\"@type\":\"T\""));
        var (issues, _) = await place.Place.ScanAsync(new ScanOptions { Store = place.Store, Types = ["validation"] });
        var plan = await place.Place.PlanAsync(issues);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var saved = """{"_id":"d","_rev":"1-a","@type":"T","v":1,"_attachments":{"a.txt":{"content_type":"text/plain","data":"cHJlY2lvdXM="}}}""";
        Assert.NotNull((await client.BulkDocsAsync([RawJson.FromText(saved)], newEdits: true, default)).Single().Revision);

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(plan)).Outcome);
        await place.Place.RunAsync(await place.Place.PlanUndoAsync());

        Assert.Equal("precious"u8.ToArray(), await place.Server.GetBytesAsync($"{place.Database}/d/a.txt"));
    }

    [SkippableFact]
    public async Task A_tombstone_with_members_of_its_own_that_an_application_left_in_the_midst_of_a_repair_is_not_taken_for_the_repairs()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Fork);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var writes = 0;
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (line.Contains("_bulk_docs", StringComparison.Ordinal) && ++writes == 2)
            {
                var loser = (await LeavesAsync(place)).Live.Single(leaf => leaf.Revision.Generation == 1);
                await client.BulkDocsAsync([RawJson.FromText($$"""{"_id":"d","_rev":"{{loser.Revision}}","_deleted":true,"why":"precious"}""")], newEdits: true, default);
            }

            return Cut.None;
        });
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync($"couchdb://{proxy.Authority}/{place.Database}"));
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Place.RunAsync(plan)).Outcome);

        Assert.Equal(OperationOutcome.NeedsReview, Assert.Single(await place.Place.RunAsync(await place.Place.PlanUndoAsync())).Outcome);

        var left = Assert.Single((await LeavesAsync(place)).Leaves, leaf => leaf.Deleted);
        Assert.Contains("precious", left.Body.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The database was made anew, and replication brings one branch of the planned conflict before the state is saved and the other one after that.</summary>
    [SkippableFact]
    public async Task A_branch_that_arrives_after_the_state_was_saved_is_not_removed_without_a_before_image()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Fork);
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store));
        await PlanFile.ExportAsync(plan, place.Place.PathOf("plan.json"), overwrite: false, default);
        await place.Server.RemakeAsync(place.Database);
        await place.Server.InsertAsync(place.Database, Fork[0]);

        // Another process: nothing is remembered of the plan's bodies.
        await using var other = new Workplace(credential: place.Server.Credential);
        plan = await other.Engine.ImportPlanAsync(place.Place.PathOf("plan.json"), acceptChanges: false, record: true, default);
        var (execution, results) = await CutRun.LeaveAsync(
            other, plan, CutRun.All, () => Assert.True(Task.Run(() => place.Server.InsertAsync(place.Database, Fork[1])).Wait(TimeSpan.FromMinutes(1))));
        Assert.Equal(OperationOutcome.Stale, Assert.Single(results).Outcome);

        // Gone on with, it reads from the backup what was saved.
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await other.ResumeAsync(execution)).Outcome);
        Assert.Equal(2, (await LeavesAsync(place)).Live.Count());
    }

    [SkippableFact]
    public async Task A_run_that_was_cut_off_and_resumed_and_found_all_done_by_another_can_be_undone_and_takes_nothing_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Fork);
        var plan = await place.RepairAsync();
        var repaired = await place.StateAsync("d");
        var (execution, _) = await CutRun.LeaveAsync(place.Place, plan, applied: 0);
        Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.Place.ResumeAsync(execution)).Outcome);

        Assert.Empty(await place.Place.RunAsync(await place.Place.PlanUndoAsync(execution)));

        Assert.Equal(repaired, await place.StateAsync("d"));
    }

    [SkippableFact]
    public async Task An_undo_that_was_planned_while_the_repair_went_on_is_refused_since_it_would_take_back_a_part_and_count_as_all()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: false,
            [.. Enumerable.Range(0, 1100).SelectMany(number => new[] { Doc($"d{number}", 1, ["a1"], "\"x\":1"), Doc($"d{number}", 1, ["a2"], "\"y\":1") })]);
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store));
        RepairPlan? undo = null;
        await foreach (var _ in place.Place.RepairAsync(plan, default))
        {
            undo ??= await place.Place.PlanUndoAsync();
        }

        var repair = place.Place.Execution!.Id;
        Assert.True(undo!.Operations.Count < plan.Operations.Count);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.RunAsync(undo).AsTask());

        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Equal(plan.Operations.Count, (await place.Place.PlanUndoAsync(repair)).Operations.Count);
    }

    [Fact]
    public void Bodies_that_were_read_of_a_database_are_not_those_of_one_made_anew_with_the_same_revision_names()
    {
        var memory = new RevisionMemory();
        var read = DocumentReader.Read(System.Text.Encoding.UTF8.GetBytes(Fork[0]));
        memory.KeepOnlyOf("1795297822");
        memory.Add(read);
        memory.KeepOnlyOf("1795297822");
        Assert.Same(read, memory.Find("d", read.Revision));

        memory.KeepOnlyOf("1795297990");

        Assert.Null(memory.Find("d", read.Revision));
    }

    private static async Task<LeafSet> LeavesAsync(ServerPlace place)
    {
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        return await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync();
    }
}
