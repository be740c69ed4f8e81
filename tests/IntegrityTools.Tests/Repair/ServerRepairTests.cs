using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

public class ServerRepairTests
{
    [SkippableTheory]
    [InlineData(1, null)]
    [InlineData(2, Strategy.LatestWins)]
    [InlineData(3, Strategy.HighestRev)]
    [InlineData(4, Strategy.Merge)]
    public async Task A_repair_leaves_what_a_person_decides_and_an_undo_gives_back_bodies_winners_and_attachments(int seed, Strategy? strategy) =>
        await RepairAndUndoAsync(await CouchDbServer.RequireAsync(), seed, strategy);

    [SkippableTheory]
    [InlineData(5, null)]
    [InlineData(6, Strategy.Merge)]
    public async Task The_npm_PouchDB_server_is_repaired_and_given_back_as_CouchDB_is(int seed, Strategy? strategy) =>
        await RepairAndUndoAsync(await CouchDbServer.RequirePouchAsync(), seed, strategy);

    private static async Task RepairAndUndoAsync(CouchDbServer server, int seed, Strategy? strategy)
    {
        var (place, store, ids) = await PrepareAsync(server, seed, 60);
        await using var _ = place;
        await using var source = Source(server, store);
        var before = await StoreState.ReadAsync(source, ids);

        var plan = await place.PlanAsync(await place.ScanAsync(store), strategy);
        Assert.NotEqual(0, plan.Automatic);
        var results = await place.RunAsync(plan);
        Assert.All(results, result => Assert.True(result.Outcome is OperationOutcome.Applied or OperationOutcome.NeedsReview, $"{result.Subject}: {result.Outcome} {result.Message}"));
        var left = await place.ScanAsync(store);
        Assert.Equal(
            plan.Operations.Where(operation => operation.NeedsReview).Select(operation => operation.Subject).Order(StringComparer.Ordinal),
            left.Select(issue => issue.Subject).Order(StringComparer.Ordinal));
        Assert.NotEqual(before, await StoreState.ReadAsync(source, ids));

        var undone = await place.RunAsync(await place.PlanUndoAsync());
        Assert.All(undone, result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject}: {result.Outcome} {result.Message}"));
        Assert.Equal(before, await StoreState.ReadAsync(source, ids));
        Assert.Empty((await place.VerifyAsync()).Faults);
    }

    [SkippableFact]
    public async Task Applying_twice_equals_applying_once()
    {
        var (server, place, store, ids) = await PrepareAsync(7, 40);
        await using var _ = place;
        await using var source = Source(server, store);
        var before = await StoreState.ReadAsync(source, ids);
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        await place.RunAsync(plan);
        var once = await StoreState.ReadAsync(source, ids);
        var again = await place.RunAsync(plan);
        Assert.All(again, result => Assert.True(result.Outcome is OperationOutcome.AlreadyApplied or OperationOutcome.NeedsReview, $"{result.Outcome} {result.Message}"));
        Assert.Equal(once, await StoreState.ReadAsync(source, ids));

        // The second run did nothing, and takes back nothing; the first still can.
        var executions = await (await place.Engine.GetLedgerAsync(default)).ListExecutionsAsync(default);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.PlanUndoAsync(executions[0].Id, place.Credential, record: true, default));
        Assert.Equal(ErrorIds.InvalidState, refused.ErrorId);
        Assert.Contains("undo that one", refused.NextStep, StringComparison.Ordinal);
        await place.RunAsync(await place.Engine.PlanUndoAsync(executions[^1].Id, place.Credential, record: true, default));
        Assert.Equal(before, await StoreState.ReadAsync(source, ids));
    }

    [SkippableFact]
    public async Task Undoing_twice_equals_undoing_once()
    {
        var (server, place, store, ids) = await PrepareAsync(8, 40);
        await using var _ = place;
        await using var source = Source(server, store);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync(store)));
        var inverse = await place.PlanUndoAsync();
        await place.RunAsync(inverse);
        var once = await StoreState.ReadAsync(source, ids);
        var again = await place.RunAsync(inverse);
        Assert.All(again, result => Assert.Equal(OperationOutcome.AlreadyApplied, result.Outcome));
        Assert.Equal(once, await StoreState.ReadAsync(source, ids));
    }

    [SkippableFact]
    public async Task An_undo_can_itself_be_undone()
    {
        var (server, place, store, ids) = await PrepareAsync(9, 40);
        await using var _ = place;
        await using var source = Source(server, store);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync(store)));
        var repaired = await StoreState.ReadAsync(source, ids);
        await place.RunAsync(await place.PlanUndoAsync());
        var redone = await place.RunAsync(await place.PlanUndoAsync());
        Assert.All(redone, result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject}: {result.Outcome} {result.Message}"));
        foreach (var (id, state) in await StoreState.ReadAsync(source, ids))
        {
            Assert.Equal(repaired[id], state);
        }
    }

    [SkippableFact]
    public async Task A_batch_that_was_cut_off_before_its_record_is_taken_back_by_what_the_store_shows()
    {
        var (server, place, store, ids) = await PrepareAsync(15, 40);
        await using var _ = place;
        await using var source = Source(server, store);
        var before = await StoreState.ReadAsync(source, ids);
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        var half = plan.Automatic / 2;
        var (execution, _) = await CutRun.LeaveAsync(place, plan, applied: half);

        var inverse = await place.PlanUndoAsync(execution);
        Assert.Equal(half, inverse.Automatic);
        Assert.Equal(half, inverse.Operations.Count);
        await place.RunAsync(inverse);
        Assert.Equal(before, await StoreState.ReadAsync(source, ids));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backup_that_was_changed_or_is_gone_is_refused_before_anything_is_written(bool gone)
    {
        var (server, place, store, ids) = await PrepareAsync(14, 30);
        await using var _ = place;
        await using var source = Source(server, store);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync(store)));
        var repaired = await StoreState.ReadAsync(source, ids);
        var backup = (await place.Engine.GetExecutionAsync(place.Execution!.Id, default)).BackupPath!;
        if (gone)
        {
            File.Delete(backup);
        }
        else
        {
            await File.AppendAllTextAsync(backup, " ");
        }

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.PlanUndoAsync());
        Assert.Equal(gone ? ErrorIds.StoreNotFound : ErrorIds.DamagedFile, refused.ErrorId);
        Assert.Equal(backup, refused.Target);
        Assert.Equal(repaired, await StoreState.ReadAsync(source, ids));
    }

    [SkippableFact]
    public async Task A_document_edited_since_the_plan_is_stale_and_left_alone()
    {
        var (server, place, store, ids) = await PrepareAsync(10, 40);
        await using var _ = place;
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        var edited = plan.Operations.First(operation => !operation.NeedsReview);
        var leaf = ((LeafSetPrecondition)edited.Precondition).Leaves.First(candidate => !candidate.Deleted);
        using var client = Client(server, store);
        var id = System.Text.Json.JsonSerializer.Serialize(edited.Subject);
        await client.BulkDocsAsync([RawJson.FromText($"{{\"_id\":{id},\"_rev\":\"{leaf.Revision}\",\"edited\":true}}")], newEdits: true, default);
        await using var source = Source(server, store);
        var before = await StoreState.ReadAsync(source, ids);

        var only = plan with { Id = plan.Id + "-1", Operations = [edited] };
        var results = await place.RunAsync(only with { Digest = PlanDigest.Of(only) });
        Assert.Equal(OperationOutcome.Stale, Assert.Single(results).Outcome);
        Assert.Equal(before, await StoreState.ReadAsync(source, ids));
    }

    [SkippableFact]
    public async Task A_dry_run_writes_nothing()
    {
        var (server, place, store, _) = await PrepareAsync(11, 40);
        await using var __ = place;
        using var client = Client(server, store);
        var before = (await client.GetInfoAsync(default)).ToString();
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        var results = await place.RunAsync(plan, dryRun: true);
        Assert.Contains(results, result => result.Outcome == OperationOutcome.WouldApply);
        Assert.Equal(before, (await client.GetInfoAsync(default)).ToString());
        Assert.Empty(await (await place.Engine.GetLedgerAsync(default)).ListExecutionsAsync(default));
    }

    /// <summary>Two plans that keep different leaves: the one who sleeps through the other's repair must not delete what that one kept.</summary>
    [SkippableFact]
    public async Task An_executor_that_slept_while_another_repaired_deletes_nothing()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            """{"_id":"d","_rev":"1-aa","v":0,"_revisions":{"start":1,"ids":["aa"]}}""",
            """{"_id":"d","_rev":"2-bb","v":1,"_revisions":{"start":2,"ids":["bb","aa"]}}""",
            """{"_id":"d","_rev":"2-cc","v":2,"_revisions":{"start":2,"ids":["cc","aa"]}}""");
        using var client = new CouchClient(server.Address, database, server.Credential);
        var source = new ServerSource(client);
        var slow = new SleepingWriter(new ServerRevisionWriter(client, new RevisionMemory()));
        var sleeper = new ConflictResolution(source, slow, "exec-slow").ApplyAsync([Keep("2-bb", "2-cc")], default);
        await slow.Reached;
        var other = await new ConflictResolution(source, new ServerRevisionWriter(client, new RevisionMemory()), "exec-fast").ApplyAsync([Keep("2-cc", "2-bb")], default);
        Assert.Equal(OperationOutcome.Applied, other.Single().Outcome);
        slow.Wake();
        Assert.Equal(OperationOutcome.Stale, (await sleeper).Single().Outcome);
        var leaves = await source.ReadLeavesAsync(["d"], default).SingleAsync();
        Assert.Equal("2", leaves.Live.Single().Body.Parse().RootElement.GetProperty("v").GetRawText());

        static RepairOperation Keep(string keep, string remove) => new()
        {
            Number = 1,
            Type = OperationTypes.ResolveConflict,
            IssueId = "issue",
            Subject = "d",
            Risk = Risk.High,
            Strategy = Strategy.Manual,
            Reason = "chosen",
            Precondition = new LeafSetPrecondition([new LeafState("2-cc", false), new LeafState("2-bb", false)]),
            Action = new ResolveConflictAction { KeepRevision = keep, RemoveRevisions = [remove] },
        };
    }

    [SkippableFact]
    public async Task A_second_executor_is_told_who_holds_the_lease_and_until_when()
    {
        var (server, place, store, _) = await PrepareAsync(12, 30);
        await using var __ = place;
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        using var client = Client(server, store);
        var held = new Stores.Lease(store, new Stores.RunIdentity("exec-other", "1", null), "ann@host", DateTimeOffset.UtcNow.AddSeconds(40));
        await new ServerLease(client).AcquireAsync(held, default);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan).AsTask());
        Assert.Equal(ErrorIds.LeaseHeld, refused.ErrorId);
        Assert.Empty(await (await place.Engine.GetLedgerAsync(default)).ListExecutionsAsync(default));
        Assert.Contains("exec-other", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ann@host", refused.Message, StringComparison.Ordinal);
        Assert.Contains(held.ExpiresAt.ToString("u", null), refused.Message, StringComparison.Ordinal);
        await new ServerLease(client).ReleaseAsync(held, default);
        Assert.NotEmpty(await place.RunAsync(plan));
    }

    [SkippableFact]
    public async Task A_refused_operation_of_high_risk_stops_the_run_and_the_rest_can_be_resumed()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var (_, admin, store, ids) = await PrepareAsync(13, 60);
        await using var _ = admin;
        await using var source = Source(server, store);

        // Admins pass validation, so the run is anybody's; the database is opened for that.
        using var client = Client(server, store);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address, store[(store.LastIndexOf('/') + 1)..] + "/") };
        var pair = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{server.Credential!.UserName}:{server.Credential.Password}"));
        http.DefaultRequestHeaders.Authorization = new("Basic", pair);
        (await http.PutAsync(new Uri("_security", UriKind.Relative), new StringContent("""{"members":{"names":[],"roles":[]},"admins":{"names":[],"roles":["_admin"]}}"""))).EnsureSuccessStatusCode();
        await using var place = new Workplace();
        var plan = await place.PlanAsync(await place.ScanAsync(store), Strategy.LatestWins);
        var risky = plan.Operations.Where(operation => operation is { Risk: Risk.High, NeedsReview: false }).ToList();
        Assert.True(risky.Count > 3);
        var guard = "{\"_id\":\"_design/guard\",\"validate_doc_update\":\"function(n,o){ throw({forbidden:'closed for today'}); }\"}";
        var written = (await client.BulkDocsAsync([RawJson.FromText(guard)], newEdits: true, default)).Single();
        Assert.NotNull(written.Revision);

        var results = await place.RunAsync(plan);
        Assert.Equal(1, results.Count(result => result is { Outcome: OperationOutcome.Failed, Risk: Risk.High }));
        Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);
        Assert.Contains("closed for today", place.Execution.Message, StringComparison.Ordinal);
        Assert.True(place.Execution.Pending > 0);

        var away = $"{{\"_id\":\"_design/guard\",\"_rev\":\"{written.Revision}\",\"_deleted\":true}}";
        await client.BulkDocsAsync([RawJson.FromText(away)], newEdits: true, default);
        var resumed = await place.ResumeAsync(place.Execution.Id);
        Assert.DoesNotContain(resumed, result => result.Outcome == OperationOutcome.Failed);
        Assert.Equal(ExecutionStatus.Completed, place.Execution.Status);
        var left = await place.ScanAsync(store);
        Assert.Equal(plan.NeedsReview, left.Count);
    }

    private static async Task<(CouchDbServer Server, Workplace Place, string Store, IReadOnlyList<string> Ids)> PrepareAsync(int seed, int count)
    {
        var server = await CouchDbServer.RequireAsync();
        var (place, store, ids) = await PrepareAsync(server, seed, count);
        return (server, place, store, ids);
    }

    private static async Task<(Workplace Place, string Store, IReadOnlyList<string> Ids)> PrepareAsync(CouchDbServer server, int seed, int count)
    {
        var database = await server.CreateDatabaseAsync();
        var ids = new List<string>();
        foreach (var (id, revisions) in new RandomTrees(seed).Documents(count))
        {
            await server.InsertAsync(database, [.. revisions]);
            ids.Add(id);
        }

        var store = $"couchdb://{server.Address.Authority}/{database}";
        return (await Workplace.ForServerAsync(server), store, ids);
    }

    private static CouchClient Client(CouchDbServer server, string store) => new(server.Address, store[(store.LastIndexOf('/') + 1)..], server.Credential);

    private static ServerSource Source(CouchDbServer server, string store) => new(Client(server, store));
}
