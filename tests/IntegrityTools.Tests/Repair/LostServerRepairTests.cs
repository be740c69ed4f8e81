using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>Repairs whose server goes away under them.</summary>
public class LostServerRepairTests
{
    private const int Documents = 60;

    // So many that two batches are under way at once when a write is lost.
    private const int ThreeBatches = 1_100;

    /// <summary>Every write is lost once, before or after the server took it: whoever resumes must neither lose nor repeat one.</summary>
    [SkippableTheory]
    [InlineData(nameof(Cut.Request))]
    [InlineData(nameof(Cut.Answer))]
    [InlineData(nameof(Cut.HalfAnswer))]
    [InlineData(nameof(Cut.Busy))]
    [InlineData(nameof(Cut.Answer), ThreeBatches)]
    public async Task A_repair_that_loses_each_write_once_stops_with_what_to_do_and_ends_as_an_unbroken_one(string cut, int documents = Documents)
    {
        var server = await CouchDbServer.RequireAsync();
        var expected = await UnbrokenAsync(server, documents);
        await using var place = await Workplace.ForServerAsync(server);
        var (database, ids) = await FillAsync(server, documents);
        var writes = 0;
        using var proxy = new CuttingProxy(server.Address, line => Task.FromResult(
            line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) % 2 == 1 ? Enum.Parse<Cut>(cut) : Cut.None));
        var plan = await place.PlanAsync(await place.ScanAsync($"couchdb://{proxy.Authority}/{database}"));

        var failures = new List<IntegrityException>();
        for (var run = 0; place.Execution?.Status != ExecutionStatus.Completed && run < 40; run++)
        {
            try
            {
                _ = run == 0 ? await place.RunAsync(plan) : await place.ResumeAsync(place.Execution!.Id);
            }
            catch (IntegrityException failure)
            {
                failures.Add(failure);
                Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);
            }
        }

        Assert.Equal(ExecutionStatus.Completed, place.Execution!.Status);
        Assert.NotEmpty(failures);
        Assert.All(failures, failure =>
        {
            Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
            Assert.Contains("resume the execution", failure.NextStep, StringComparison.Ordinal);
        });
        Assert.Equal(expected, await StateAsync(server, database, ids));
        Assert.Empty((await place.VerifyAsync()).Faults);
    }

    [SkippableFact]
    public async Task A_proxy_s_page_instead_of_an_answer_stops_the_repair_and_it_can_be_resumed()
    {
        var server = await CouchDbServer.RequireAsync();
        var expected = await UnbrokenAsync(server);
        await using var place = await Workplace.ForServerAsync(server);
        var (database, ids) = await FillAsync(server);
        var writes = 0;
        using var proxy = new CuttingProxy(server.Address, line => Task.FromResult(
            line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 2 ? Cut.Page : Cut.None));
        var plan = await place.PlanAsync(await place.ScanAsync($"couchdb://{proxy.Authority}/{database}"));

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan).AsTask());
        Assert.Equal(ErrorIds.UnexpectedAnswer, failure.ErrorId);
        Assert.Contains("<html>Sign in", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);

        await place.ResumeAsync(place.Execution.Id);
        Assert.Equal(ExecutionStatus.Completed, place.Execution.Status);
        Assert.Equal(expected, await StateAsync(server, database, ids));
    }

    [SkippableTheory]
    [InlineData(nameof(Cut.Request))]
    [InlineData(nameof(Cut.Answer))]
    public async Task An_undo_that_loses_each_write_once_is_resumed_and_gives_back_what_was(string cut)
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var (database, ids) = await FillAsync(server);
        var before = await StateAsync(server, database, ids);
        var (writes, cutting) = (0, false);
        using var proxy = new CuttingProxy(server.Address, line => Task.FromResult(
            cutting && line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) % 2 == 1 ? Enum.Parse<Cut>(cut) : Cut.None));
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync($"couchdb://{proxy.Authority}/{database}")));
        var inverse = await place.PlanUndoAsync();
        cutting = true;

        var failures = 0;
        for (var run = 0; run == 0 || (place.Execution!.Status != ExecutionStatus.Completed && run < 40); run++)
        {
            try
            {
                _ = run == 0 ? await place.RunAsync(inverse) : await place.ResumeAsync(place.Execution!.Id);
            }
            catch (IntegrityException)
            {
                failures++;
                Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);
            }
        }

        Assert.NotEqual(0, failures);
        Assert.Equal(ExecutionStatus.Completed, place.Execution!.Status);
        Assert.Equal(before, await StateAsync(server, database, ids));
    }

    [SkippableFact]
    public async Task A_repair_whose_server_is_killed_can_be_resumed_when_it_is_back()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var expected = await UnbrokenAsync(server);
        await using var place = await Workplace.ForServerAsync(server);
        var (database, ids) = await FillAsync(server);
        var writes = 0;
        using var proxy = new CuttingProxy(server.Address, line =>
        {
            if (line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 2)
            {
                server.Process!.Kill();
            }

            return Task.FromResult(Cut.None);
        });
        var plan = await place.PlanAsync(await place.ScanAsync($"couchdb://{proxy.Authority}/{database}"));

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan).AsTask());
        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
        Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);

        Assert.True(await server.Process!.StartAsync());
        await place.ResumeAsync(place.Execution.Id);
        Assert.Equal(ExecutionStatus.Completed, place.Execution.Status);
        Assert.Equal(expected, await StateAsync(server, database, ids));
        server.Process.Kill();
    }

    private static async Task<SortedDictionary<string, string>> UnbrokenAsync(CouchDbServer server, int documents = Documents)
    {
        await using var place = await Workplace.ForServerAsync(server);
        var (database, ids) = await FillAsync(server, documents);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync($"couchdb://{server.Address.Authority}/{database}")));
        return await StateAsync(server, database, ids);
    }

    private static async Task<(string Database, IReadOnlyList<string> Ids)> FillAsync(CouchDbServer server, int count = Documents)
    {
        var database = await server.CreateDatabaseAsync();
        var documents = new RandomTrees(43).Documents(count).ToList();
        await server.InsertAsync(database, [.. documents.SelectMany(document => document.Revisions)]);
        return (database, [.. documents.Select(document => document.Id)]);
    }

    private static async Task<SortedDictionary<string, string>> StateAsync(CouchDbServer server, string database, IReadOnlyList<string> ids)
    {
        await using var source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
        return await StoreState.ReadAsync(source, ids);
    }
}
