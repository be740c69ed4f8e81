using IntegrityTools.Backups;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Backups;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>Plans that meet another store, or another state of theirs, than they were made for.</summary>
public class OtherStateTests
{
    [SkippableFact]
    public async Task A_plan_for_another_store_writes_nothing_there()
    {
        await using var planned = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "a"), Fork("two", "a"));
        await using var other = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "f"));
        var plan = await planned.Place.PlanAsync(await planned.Place.ScanAsync(planned.Store)) with { Store = other.Store };
        var before = await other.StateAsync("one", "two");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => other.Place.RunAsync(plan).AsTask());
        Assert.Equal(ErrorIds.PlanChanged, refused.ErrorId);
        var results = await other.Place.RunAsync(plan with { Digest = PlanDigest.Of(plan) });

        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.Equal(OperationOutcome.Stale, result.Outcome));
        Assert.Equal(before, await other.StateAsync("one", "two"));
    }

    [SkippableFact]
    public async Task A_document_changed_since_the_repair_is_reported_and_left_alone_by_an_undo_of_the_rest()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("edited", "a"), Fork("kept", "a"));
        var before = await place.StateAsync("kept");
        await place.RepairAsync();
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        using var repaired = System.Text.Json.JsonDocument.Parse(await place.Server.GetAsync(place.Database + "/edited"));
        await client.BulkDocsAsync(
            [RawJson.FromText($"{{\"_id\":\"edited\",\"_rev\":\"{repaired.RootElement.GetProperty("_rev").GetString()}\",\"by\":\"a person\"}}")], newEdits: true, default);
        var edited = await place.StateAsync("edited");

        var undone = await place.Place.RunAsync(await place.Place.PlanUndoAsync());

        Assert.Equal(
            [("edited", OperationOutcome.NeedsReview), ("kept", OperationOutcome.Applied)],
            undone.Select(result => (result.Subject, result.Outcome)).OrderBy(result => result.Subject, StringComparer.Ordinal));
        Assert.Contains("changed since the repair", undone.Single(result => result.Subject == "edited").Message, StringComparison.Ordinal);
        Assert.Equal(edited, await place.StateAsync("edited"));
        Assert.Equal(before, await place.StateAsync("kept"));
    }

    [SkippableFact]
    public async Task The_undo_of_a_run_that_left_all_to_a_person_said_that_the_run_had_stopped()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "a"));
        var results = await place.Place.RunAsync(await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store), Strategy.Manual));
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.PlanUndoAsync(results[0].ExecutionId));

        Assert.Equal(OperationOutcome.NeedsReview, Assert.Single(results).Outcome);
        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains("wrote nothing", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Resume", refused.NextStep, StringComparison.Ordinal);
    }

    /// <summary>Fork d has x on one branch and y on the other; the repair merges, the undo parts them, and its undo is cut into by an edit.</summary>
    [SkippableFact]
    public async Task An_edit_that_arrives_between_the_steps_of_an_undo_is_reported_and_stays()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("d", "a"));
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var (armed, written, once) = (false, false, new Once());
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (written && once.IsFirst())
            {
                var removed = (await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync()).Live
                    .Single(leaf => !(leaf.Body.ToString() is var body && body.Contains("\"x\"", StringComparison.Ordinal) && body.Contains("\"y\"", StringComparison.Ordinal)));
                var edit = await client.BulkDocsAsync([RawJson.FromText($$"""{"_id":"d","_rev":"{{removed.Revision}}","y":1,"user":"precious"}""")], newEdits: true, default);
                Assert.NotNull(edit.Single().Revision);
            }

            written |= armed && line.Contains("_bulk_docs", StringComparison.Ordinal);
            return Cut.None;
        });
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync($"couchdb://{proxy.Authority}/{place.Database}"));
        Assert.Equal(OperationOutcome.Applied, (await place.Place.RunAsync(plan)).Single().Outcome);
        Assert.Equal(OperationOutcome.Applied, (await place.Place.RunAsync(await place.Place.PlanUndoAsync())).Single().Outcome);
        var redo = await place.Place.PlanUndoAsync();

        armed = true;
        var result = (await place.Place.RunAsync(redo)).Single();

        Assert.Equal(OperationOutcome.Stale, result.Outcome);
        var leaves = await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync();
        Assert.Contains(leaves.Live, leaf => leaf.Body.ToString().Contains("precious", StringComparison.Ordinal));
    }

    /// <summary>The edit arrives just before one of the run's writes: the merge, its tombstone, or those of the undo.</summary>
    [SkippableTheory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public async Task An_edit_that_arrives_during_a_run_stays_when_the_run_is_taken_back(bool undoing, int beforeWrite)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("d", "a"));
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var (armed, writes) = (false, 0);
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (armed && line.Contains("_bulk_docs", StringComparison.Ordinal) && ++writes == beforeWrite)
            {
                var leaves = (await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync()).Live.ToList();
                var edits = leaves.Select(leaf => RawJson.FromText($$"""{"_id":"d","_rev":"{{leaf.Revision}}","user":"precious {{leaf.Revision}}"}"""));
                Assert.All(await client.BulkDocsAsync([.. edits], newEdits: true, default), edit => Assert.NotNull(edit.Revision));
            }

            return Cut.None;
        });
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync($"couchdb://{proxy.Authority}/{place.Database}"));
        if (undoing)
        {
            await place.Place.RunAsync(plan);
            plan = await place.Place.PlanUndoAsync();
        }

        armed = true;
        Assert.Equal(OperationOutcome.Stale, (await place.Place.RunAsync(plan)).Single().Outcome);
        var edited = await place.StateAsync("d");
        Assert.Contains("precious", edited["d"], StringComparison.Ordinal);

        Assert.DoesNotContain(await place.Place.RunAsync(await place.Place.PlanUndoAsync()), result => result.Outcome == OperationOutcome.Applied);

        Assert.Equal(edited, await place.StateAsync("d"));
    }

    [SkippableFact]
    public async Task A_document_edited_while_a_restore_overwrites_is_told_as_left_alone_and_not_as_a_failure()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, ServerScanTests.Doc("edited", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("newer", 1, ["a"], "\"x\":1"));
        var made = await place.BackUpAsync();
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("edited", 2, ["b", "a"], "\"x\":2"), ServerScanTests.Doc("newer", 2, ["b", "a"], "\"x\":2"));

        // The moment between the plan and the first write.
        var report = await place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = made.Path,
                Store = place.Store,
                Credential = place.Place.Credential,
                Overwrite = true,
                ExecutionChanged = execution => _ = execution.Status == ExecutionStatus.Running && !Task.Run(() => place.Server.InsertAsync(
                    place.Database, ServerScanTests.Doc("edited", 3, ["c", "b", "a"], "\"x\":3"))).Wait(TimeSpan.FromMinutes(1)),
            },
            default);

        Assert.StartsWith("edited: ", Assert.Single(report.Changed), StringComparison.Ordinal);
        Assert.Empty(report.Failed);
        Assert.False(report.IsLeftAlone);
        Assert.Equal(["newer"], report.Newer);
        Assert.Contains("\"x\":3", await place.Server.GetAsync($"{place.Database}/edited"), StringComparison.Ordinal);
        Assert.Contains("\"x\":1", await place.Server.GetAsync($"{place.Database}/newer"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_document_edited_when_a_restore_had_overwritten_half_of_it_is_told_as_a_failure_and_not_as_left_alone()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"));
        var made = await place.BackUpAsync();
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("d", 2, ["b", "a"], "\"x\":2"), ServerScanTests.Doc("d", 2, ["c", "a"], "\"x\":3"));
        var writes = 0;
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (line.Contains("_bulk_docs", StringComparison.Ordinal) && ++writes == 2)
            {
                // The other branch, whose tombstone is what comes next.
                await place.Server.InsertAsync(
                    place.Database, ServerScanTests.Doc("d", 3, ["e", "b", "a"], "\"user\":\"precious\""), ServerScanTests.Doc("d", 3, ["f", "c", "a"], "\"user\":\"precious\""));
            }

            return Cut.None;
        });

        var report = await place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions { Backup = made.Path, Store = $"couchdb://{proxy.Authority}/{place.Database}", Credential = place.Place.Credential, Overwrite = true }, default);

        Assert.Contains("what is restored so far stays", Assert.Single(report.Failed), StringComparison.Ordinal);
        Assert.Empty(report.Changed);
        Assert.Contains("precious", (await place.StateAsync("d"))["d"], StringComparison.Ordinal);
    }

    /// <summary>Two revisions without an ancestor, which merge; another seed gives others.</summary>
    internal static string Fork(string id, string seed) =>
        ServerScanTests.Doc(id, 1, [seed + "1"], "\"x\":1") + "," + ServerScanTests.Doc(id, 1, [seed + "2"], "\"y\":1");
}
