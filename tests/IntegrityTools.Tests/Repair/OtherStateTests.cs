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
    public async Task What_a_person_declined_stays_declined_when_the_run_is_resumed()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Enumerable.Range(0, 10).Select(number => Fork($"d{number}", "a"))]);
        var cut = new Once();
        using var proxy = new CuttingProxy(place.Server.Address, line =>
            Task.FromResult(line.Contains("_bulk_docs", StringComparison.Ordinal) && cut.IsFirst() ? Cut.Request : Cut.None));
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync($"couchdb://{proxy.Authority}/{place.Database}"));
        var asked = new List<string>();
        RepairExecution? execution = null;
        var options = new RepairOptions
        {
            Credential = place.Place.Credential,
            ExecutionChanged = changed => execution = changed,
            Approve = operation =>
            {
                asked.Add(operation.Subject);
                return operation.Subject != "d3";
            },
        };

        await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.RepairAsync(plan, options, default).ToListAsync().AsTask());
        Assert.Equal(10, asked.Count);
        var resumed = await place.Place.Engine.ResumeAsync(execution!.Id, options with { Approve = operation => operation.Subject != "d3" ? true : throw new InvalidOperationException("asked again") }, default).ToListAsync();

        Assert.Equal(9, resumed.Count(result => result.Outcome == OperationOutcome.Applied));
        Assert.Equal(ExecutionStatus.Completed, execution.Status);
        Assert.Equal("d3", Assert.Single(await place.Place.ScanAsync(place.Store)).Subject);
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

    /// <summary>The run, of a repair or of an undo, is cut off before its second write; an edit follows, and only then the run is gone on with.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_that_was_half_written_when_a_run_was_cut_off_and_edited_before_it_went_on_is_told_by_the_undo(bool undoing)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("d", "a"));
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        using var proxy = new SecondWrite(place);
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(proxy.Store));
        if (undoing)
        {
            await place.Place.RunAsync(plan);
            plan = await place.Place.PlanUndoAsync();
        }

        proxy.Armed = true;
        await Assert.ThrowsAsync<IntegrityException>(() => place.Place.RunAsync(plan).AsTask());
        var leaves = (await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync()).Live;
        var edits = leaves.Select(leaf => RawJson.FromText($$"""{"_id":"d","_rev":"{{leaf.Revision}}","user":"precious {{leaf.Revision}}"}"""));
        Assert.All(await client.BulkDocsAsync([.. edits], newEdits: true, default), edit => Assert.NotNull(edit.Revision));
        var edited = await place.StateAsync("d");

        var resumed = Assert.Single(await place.Place.ResumeAsync(place.Place.Execution!.Id));
        Assert.Equal(OperationOutcome.Stale, resumed.Outcome);
        Assert.DoesNotContain("Nothing was written", resumed.Message, StringComparison.Ordinal);
        var undone = Assert.Single(await place.Place.RunAsync(await place.Place.PlanUndoAsync()));

        Assert.Equal(("d", OperationOutcome.NeedsReview), (undone.Subject, undone.Outcome));
        Assert.Equal(edited, await place.StateAsync("d"));
    }

    [SkippableFact]
    public async Task An_undo_that_was_stopped_is_gone_on_with_and_neither_a_second_one_nor_its_repair_meddles_with_what_it_gave_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "a"), Fork("two", "a"));
        var before = await place.StateAsync("one", "two");
        using var proxy = new SecondWrite(place);
        var (repair, undo) = await StoppedUndoAsync(place, proxy);

        foreach (var attempt in new Func<Task>[] { () => place.Place.PlanUndoAsync(repair), () => place.Place.ResumeAsync(repair).AsTask() })
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(attempt);
            Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
            Assert.Contains(undo, refused.NextStep, StringComparison.Ordinal);
        }

        await place.Place.ResumeAsync(undo);
        Assert.Equal(before, await place.StateAsync("one", "two"));
    }

    [SkippableFact]
    public async Task An_undo_that_was_stopped_and_has_lost_what_it_saved_does_not_keep_another_from_doing_the_rest()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "a"), Fork("two", "a"));
        using var proxy = new SecondWrite(place);
        var (repair, undo) = await StoppedUndoAsync(place, proxy);
        var half = await place.StateAsync("one", "two");
        File.Delete(place.Place.Execution!.BackupPath!);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.ResumeAsync(undo).AsTask());
        Assert.Contains($"undo {repair} anew", refused.NextStep, StringComparison.Ordinal);
        var undone = await place.Place.RunAsync(await place.Place.PlanUndoAsync(repair));

        // What the lost one had written of them is not theirs to tell from another's.
        Assert.Equal(2, undone.Count);
        Assert.All(undone, result => Assert.Equal(OperationOutcome.NeedsReview, result.Outcome));
        Assert.Equal(half, await place.StateAsync("one", "two"));
    }

    /// <summary>A repair that stopped after its last write, and its undo, cut off before its second.</summary>
    private static async Task<(string Repair, string Undo)> StoppedUndoAsync(ServerPlace place, SecondWrite proxy)
    {
        await using (var results = place.Place.RepairAsync(await place.Place.PlanAsync(await place.Place.ScanAsync(proxy.Store)), default).GetAsyncEnumerator())
        {
            Assert.True(await results.MoveNextAsync());
        }

        var repair = place.Place.Execution!;
        Assert.Equal(ExecutionStatus.Stopped, repair.Status);
        var plan = await place.Place.PlanUndoAsync(repair.Id);
        proxy.Armed = true;
        await Assert.ThrowsAsync<IntegrityException>(() => place.Place.RunAsync(plan).AsTask());
        var undo = place.Place.Execution!;
        Assert.Equal((ExecutionStatus.Stopped, 2), (undo.Status, undo.Pending));
        return (repair.Id, undo.Id);
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

    [SkippableFact]
    public async Task A_run_that_found_all_done_by_another_and_was_cut_off_before_it_said_so_takes_nothing_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Fork("one", "a"), Fork("two", "a"));
        var plan = await place.RepairAsync();
        var repaired = await place.StateAsync("one", "two");

        // As the ledger stands after a kill between the intent of a batch and its outcome.
        var ledger = await place.Place.Engine.GetLedgerAsync(default);
        var execution = place.Place.Execution! with { Id = Identifiers.New("exec"), Status = ExecutionStatus.Running, EndedAt = null, Outcomes = new Dictionary<string, int>() };
        var record = new ExecutionRecord(ledger, execution, []);
        await record.StartedAsync(resuming: false, default);
        await using (var opened = place.Place.Engine.Stores.Open(plan.Store, place.Place.Credential))
        await using (var repair = await opened.BeginRepairAsync(new Stores.RepairContext { ExecutionId = execution.Id, BackupPath = place.Place.PathOf("backup.jsonl") }, default))
        {
            await record.SavedAsync(await repair.SaveAsync(plan.Operations, default), default);
            await record.IntendedAsync(plan.Operations, default);
            Assert.All(await repair.ApplyAsync(plan.Operations, default), result => Assert.Equal(OperationOutcome.AlreadyApplied, result.Outcome));
        }

        Assert.Empty((await place.Place.PlanUndoAsync(execution.Id)).Operations);
        Assert.Equal(repaired, await place.StateAsync("one", "two"));
    }

    /// <summary>Two revisions without an ancestor, which merge; another seed gives others.</summary>
    private static string Fork(string id, string seed) =>
        ServerScanTests.Doc(id, 1, [seed + "1"], "\"x\":1") + "," + ServerScanTests.Doc(id, 1, [seed + "2"], "\"y\":1");

    /// <summary>A proxy that, once armed, cuts the second write off before it reaches the server.</summary>
    private sealed class SecondWrite : IDisposable
    {
        private readonly CuttingProxy proxy;
        private int writes;

        public SecondWrite(ServerPlace place)
        {
            proxy = new CuttingProxy(place.Server.Address, line =>
                Task.FromResult(Armed && line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 2 ? Cut.Request : Cut.None));
            Store = $"couchdb://{proxy.Authority}/{place.Database}";
        }

        public bool Armed { get; set; }

        public string Store { get; }

        public void Dispose() => proxy.Dispose();
    }
}
