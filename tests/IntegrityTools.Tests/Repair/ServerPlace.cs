using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>A database of a test's own on a real server, and an engine that repairs it.</summary>
internal sealed class ServerPlace : IAsyncDisposable
{
    private readonly ServerSource source;

    private ServerPlace(CouchDbServer server, string database, Workplace place)
    {
        Server = server;
        Database = database;
        Place = place;
        source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
    }

    public CouchDbServer Server { get; }

    public string Database { get; }

    public Workplace Place { get; }

    public string Store => $"couchdb://{Server.Address.Authority}/{Database}";

    /// <summary>A database with these revisions, each a JSON object with its _rev and _revisions; ancestors stand before their leaves.</summary>
    public static async Task<ServerPlace> WithAsync(string configuration, bool real, params string[] revisions)
    {
        var server = await CouchDbServer.RequireAsync(real);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, revisions);
        return new ServerPlace(server, database, new Workplace(configuration, server.Credential));
    }

    public Task<SortedDictionary<string, string>> StateAsync(params string[] ids) => StoreState.ReadAsync(source, ids);

    /// <summary>Scans, plans, repairs; expects every operation to be applied.</summary>
    public async Task<RepairPlan> RepairAsync(Strategy? strategy = null)
    {
        var plan = await Place.PlanAsync(await ConflictsAsync(), strategy);
        Assert.All(
            await Place.RunAsync(plan),
            result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject}: {result.Outcome} {result.Message}"));
        Assert.Empty(await ConflictsAsync());
        return plan;
    }

    private async Task<List<IntegrityIssue>> ConflictsAsync() => (await Place.ScanAsync(new ScanOptions { Store = Store, Types = ["conflicts"] })).Issues;

    /// <summary>Takes the last repair back; expects all of it to be applied.</summary>
    public async Task UndoAsync() => Assert.All(
        await Place.RunAsync(await Place.PlanUndoAsync()),
        result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject}: {result.Outcome} {result.Message}"));

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await Server.DeleteAsync(Database);
        await Place.DisposeAsync();
    }
}
