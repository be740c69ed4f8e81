namespace IntegrityTools.Tests.Engines;

public sealed class ServerProcessTests
{
    [SkippableFact]
    public Task The_PouchDB_server_ends_when_the_tests_that_started_it_were_killed()
    {
        var modules = ServerProcess.PouchFolder();
        Skip.If(modules is null, "PouchDB server: express-pouchdb was not found (POUCHDB_SERVER, npm's global folder)");
        return EndsAsync(ServerProcess.Pouch(modules!));
    }

    [SkippableFact]
    public Task CouchDB_ends_when_the_tests_that_started_it_were_killed()
    {
        var home = ServerProcess.CouchDbFolder();
        Skip.If(home is null, "CouchDB: no installation (couchdb on PATH, /opt/couchdb) of which a test could start and kill one");
        return EndsAsync(ServerProcess.CouchDb(home!));
    }

    private static async Task EndsAsync(ServerProcess server)
    {
        Assert.True(await server.StartAsync());
        await server.LoseStarterAsync().WaitAsync(TimeSpan.FromSeconds(30));
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(server.Address));
    }
}
