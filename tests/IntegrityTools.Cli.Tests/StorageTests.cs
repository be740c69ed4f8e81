using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>The storage checks of a CouchDB server and their repairs, from the command line.</summary>
public sealed class StorageTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_compaction_is_shown_before_it_runs_tells_what_it_gave_back_and_offers_no_undo()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await WastefulDatabase.FillAsync(server, database);
        var store = $"couchdb://{server.Address.Authority}/{database}";
        var environment = Environment(server);

        var scan = (await cli.RunAsync(environment, ["scan", store, "--type", "orphaned_revisions"])).Expect(0);
        var dry = (await cli.RunAsync(environment, ["resolve", store, "--type", "orphaned_revisions"])).Expect(0);
        var done = (await cli.RunAsync(environment, ["resolve", store, "--type", "orphaned_revisions", "--confirm"])).Expect(0);

        Assert.Contains("a compaction gives back about", scan.Output, StringComparison.Ordinal);
        Assert.Contains("cannot be taken back", dry.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("given back", done.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("undo", done.Error, StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }

    private static Dictionary<string, string> Environment(CouchDbServer server) =>
        new() { ["INTEGRITY_USER"] = server.Credential!.UserName, ["INTEGRITY_PASSWORD"] = server.Credential.Password };
}
