using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>Runs that were cut off in the midst, gone on with and taken back.</summary>
public class CutRunTests
{
    [SkippableFact]
    public async Task What_a_person_declined_stays_declined_when_the_run_is_resumed()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Enumerable.Range(0, 10).Select(number => OtherStateTests.Fork($"d{number}", "a"))]);
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

    /// <summary>The run, of a repair or of an undo, is cut off before its second write; an edit follows, and only then the run is gone on with.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_that_was_half_written_when_a_run_was_cut_off_and_edited_before_it_went_on_is_told_by_the_undo(bool undoing)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, OtherStateTests.Fork("d", "a"));
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        using var proxy = new SecondWrite(place);
        await CutAsync(place, proxy, undoing);
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

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dry_run_of_a_resume_called_what_was_half_done_done_or_changed_by_another(bool undoing)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, OtherStateTests.Fork("d", "a"));
        using var proxy = new SecondWrite(place);
        var plan = await CutAsync(place, proxy, undoing);
        var options = new RepairOptions { DryRun = true, Credential = place.Place.Credential };
        var told = Assert.Single(await place.Place.Engine.ResumeAsync(place.Place.Execution!.Id, options, default).ToListAsync());

        Assert.Equal(OperationOutcome.WouldApply, told.Outcome);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Place.ResumeAsync(place.Place.Execution!.Id)).Outcome);
        Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.Place.Engine.RepairAsync(plan, options, default).ToListAsync()).Outcome);
    }

    [SkippableFact]
    public async Task An_undo_that_was_stopped_is_gone_on_with_and_neither_a_second_one_nor_its_repair_meddles_with_what_it_gave_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, OtherStateTests.Fork("one", "a"), OtherStateTests.Fork("two", "a"));
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, OtherStateTests.Fork("one", "a"), OtherStateTests.Fork("two", "a"));
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

    [SkippableFact]
    public async Task A_run_that_found_all_done_by_another_and_was_cut_off_before_it_said_so_takes_nothing_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, OtherStateTests.Fork("one", "a"), OtherStateTests.Fork("two", "a"));
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

    /// <summary>Repairs, or repairs and undoes, and cuts the last of these runs off before its second write; returns its plan.</summary>
    private static async Task<RepairPlan> CutAsync(ServerPlace place, SecondWrite proxy, bool undoing)
    {
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(proxy.Store));
        if (undoing)
        {
            await place.Place.RunAsync(plan);
            plan = await place.Place.PlanUndoAsync();
        }

        proxy.Armed = true;
        await Assert.ThrowsAsync<IntegrityException>(() => place.Place.RunAsync(plan).AsTask());
        return plan;
    }

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
