using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

public class LeaseTests
{
    private const string Store = "couchdump:/somewhere/dump.jsonl";

    // No system gives a process this number.
    private static readonly ProcessIdentity Dead = ProcessIdentity.Current with { Id = int.MaxValue };

    [Fact]
    public void A_process_is_gone_when_its_number_is_free_or_another_s_and_never_when_it_is_of_another_machine()
    {
        Assert.False(ProcessIdentity.Current.IsGone());
        Assert.True(Dead.IsGone());
        Assert.True((ProcessIdentity.Current with { Start = "1" }).IsGone());
        Assert.False((Dead with { Host = "elsewhere" }).IsGone());
    }

    [Fact]
    public async Task A_second_run_of_the_same_execution_is_told_who_runs_it_and_until_when()
    {
        await using var place = new Workplace();
        var ledger = await place.Engine.GetLedgerAsync(default);
        await using (await LeaseHolder.AcquireAsync(ledger, Store, "exec-1", default))
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => LeaseHolder.AcquireAsync(ledger, Store, "exec-1", default));
            Assert.Equal(ErrorIds.LeaseHeld, refused.ErrorId);
            Assert.Contains($"under way already, by {Environment.UserName}@{Environment.MachineName}, process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            Assert.Matches(@"until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", refused.Message);
        }

        await using var after = await LeaseHolder.AcquireAsync(ledger, Store, "exec-1", default);
    }

    [SkippableTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_lease_bars_others_until_its_expiry_unless_its_process_is_provably_gone(bool inLedger, bool gone)
    {
        await using var place = new Workplace();
        var keeper = await KeeperAsync(place, inLedger);
        var left = new Lease(Store, new RunIdentity("exec-1", "1", gone ? Dead : Dead with { Host = "elsewhere" }), "ann@host", DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(left.Holder, (await keeper.AcquireAsync(left, default)).Holder);

        if (gone)
        {
            await using var taken = await LeaseHolder.AcquireAsync(keeper, Store, "exec-2", default);
        }
        else
        {
            await Assert.ThrowsAsync<IntegrityException>(() => LeaseHolder.AcquireAsync(keeper, Store, "exec-2", default));
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lease_that_ends_further_ahead_than_any_lasts_was_taken_by_a_wrong_clock_and_bars_nobody_for_years(bool inLedger)
    {
        await using var place = new Workplace();
        var keeper = await KeeperAsync(place, inLedger);
        var left = new Lease(Store, new RunIdentity("exec-1", "1", Dead with { Host = "elsewhere" }), "ann@host", DateTimeOffset.UtcNow.AddYears(1));
        await keeper.AcquireAsync(left, default);

        await using var taken = await LeaseHolder.AcquireAsync(keeper, Store, "exec-2", default);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_of_this_process_that_ended_without_giving_its_lease_back_bars_nobody(bool inLedger)
    {
        await using var place = new Workplace();
        var keeper = await KeeperAsync(place, inLedger);
        var run = RunIdentity.Begin("exec-1");
        await keeper.AcquireAsync(new Lease(Store, run, "me", DateTimeOffset.UtcNow.AddMinutes(1)), default);
        await Assert.ThrowsAsync<IntegrityException>(() => LeaseHolder.AcquireAsync(keeper, Store, "exec-1", default));
        run.End();
        await using var taken = await LeaseHolder.AcquireAsync(keeper, Store, "exec-1", default);
    }

    [Fact]
    public async Task A_renewal_that_failed_in_an_unforeseen_way_ended_the_renewing_and_hid_how_the_run_ended()
    {
        await using var place = new Workplace();
        var ledger = await place.Engine.GetLedgerAsync(default);
        await Task.WhenAll(new Exception[] { new HttpRequestException("lost"), new OperationCanceledException(), new ObjectDisposedException("odd") }.Select(async failure =>
        {
            var keeper = new FailingKeeper(ledger, failure);
            await using var lease = await LeaseHolder.AcquireAsync(keeper, Store + failure.GetType(), "exec-1", default, TimeSpan.FromSeconds(4.5));
            await keeper.Renewed.WaitAsync(TimeSpan.FromSeconds(30));
            keeper.Broken = true;
        }));
    }

    [SkippableFact]
    public async Task A_lease_on_a_server_is_renewed_for_as_long_as_it_is_held()
    {
        var server = await CouchDbServer.RequireAsync();
        using var client = new CouchClient(server.Address, await server.CreateDatabaseAsync(), server.Credential);
        var keeper = new ServerLease(client);
        var term = TimeSpan.FromSeconds(3);
        await using (await LeaseHolder.AcquireAsync(keeper, Store, "exec-1", default, term))
        {
            await Task.Delay(term * 1.2);
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => LeaseHolder.AcquireAsync(keeper, Store, "exec-2", default));
            Assert.Equal(ErrorIds.LeaseHeld, refused.ErrorId);
        }

        await using var free = await LeaseHolder.AcquireAsync(keeper, Store, "exec-2", default);
    }

    [SkippableFact]
    public async Task Two_resumes_of_one_execution_at_once_repair_once_and_a_late_one_keeps_the_backup_that_was_taken_first()
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var database = await server.CreateDatabaseAsync();
        var documents = new RandomTrees(31).Documents(60).ToList();
        await server.InsertAsync(database, [.. documents.SelectMany(document => document.Revisions)]);
        await using var source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
        var ids = documents.Select(document => document.Id).ToList();
        var before = await StoreState.ReadAsync(source, ids);
        var plan = await place.PlanAsync(await place.ScanAsync($"couchdb://{server.Address.Authority}/{database}"), Strategy.LatestWins);

        // Operations of high risk begin in small batches: the run is cut off after the first.
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in place.RepairAsync(plan, stop.Token))
            {
                if (result.Outcome == OperationOutcome.Applied)
                {
                    await stop.CancelAsync();
                }
            }
        });
        var stopped = place.Execution!;
        Assert.Equal(ExecutionStatus.Stopped, stopped.Status);
        Assert.True(stopped.Pending > 0);
        var backup = await FileDigest.OfAsync((await place.Engine.GetExecutionAsync(stopped.Id, default)).BackupPath!, default);

        // A dry run of going on shows what is pending, and that only.
        var pending = await place.Engine.ReadPendingAsync(stopped.Id, default).ToListAsync();
        var dry = await place.Engine.ResumeAsync(stopped.Id, new RepairOptions { DryRun = true, Credential = server.Credential }, default).ToListAsync();
        Assert.Equal(pending.Select(operation => operation.Number), dry.Select(result => result.Number));
        Assert.All(dry, result => Assert.Equal(OperationOutcome.WouldApply, result.Outcome));

        // As an executor saw it that read the execution before the other had saved anything.
        var early = stopped with { BackupPath = null, Status = ExecutionStatus.Running };
        var ledger = await place.Engine.GetLedgerAsync(default);
        await using var store = place.Engine.Stores.Open(plan.Store, server.Credential);
        await using (var late = new Executor(ledger).RunAsync(store, plan, early, new RepairOptions(), default).GetAsyncEnumerator())
        {
            Assert.True(await late.MoveNextAsync());
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.ResumeAsync(stopped.Id).AsTask());
            Assert.Equal(ErrorIds.LeaseHeld, refused.ErrorId);
            while (await late.MoveNextAsync())
            {
            }
        }

        Assert.Equal(backup.Sha256, (await FileDigest.OfAsync(backup.Path, default)).Sha256);
        Assert.Equal(ExecutionStatus.Completed, (await place.Engine.GetExecutionAsync(stopped.Id, default)).Status);
        await place.RunAsync(await place.PlanUndoAsync());
        Assert.Equal(before, await StoreState.ReadAsync(source, ids));
    }

    private static async Task<ILeaseKeeper> KeeperAsync(Workplace place, bool inLedger)
    {
        if (inLedger)
        {
            return await place.Engine.GetLedgerAsync(default);
        }

        var server = await CouchDbServer.RequireAsync();
        return new ServerLease(new CouchClient(server.Address, await server.CreateDatabaseAsync(), server.Credential));
    }
}
