using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Engines;

/// <summary>
/// A CouchDB for tests, started once a run: COUCHDB_URL, else an installation on this machine, else the npm PouchDB server, else none.
/// </summary>
#pragma warning disable CA1001 // Shared by all tests until the process ends.
internal sealed class CouchDbServer
#pragma warning restore CA1001
{
    private static readonly Lazy<Task<CouchDbServer?>> Shared = new(FindAsync);
    private static readonly Lazy<Task<CouchDbServer?>> Pouch = new(FindPouchAsync);
    private readonly HttpClient http;

    private CouchDbServer(Uri address, StoreCredential? credential, bool real, ServerProcess? process = null)
    {
        Process = process;
        Address = address;
        Credential = credential;
        IsReal = real;
        http = new HttpClient { BaseAddress = address };
        if (credential is not null)
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}"));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", pair);
        }
    }

    public Uri Address { get; }

    public StoreCredential? Credential { get; }

    /// <summary>False for the PouchDB server, which lacks some of CouchDB.</summary>
    public bool IsReal { get; }

    /// <summary>The process, when it was started here.</summary>
    public ServerProcess? Process { get; }

    /// <summary>The server, or the test is skipped.</summary>
    public static async Task<CouchDbServer> RequireAsync(bool real = false)
    {
        var server = await Shared.Value;
        Skip.If(server is null, "CouchDB: none found (COUCHDB_URL, couchdb on PATH, /opt/couchdb, the npm PouchDB server)");
        Skip.If(real && !server!.IsReal, "CouchDB: this test needs a real one, and only the PouchDB server was found");
        return server!;
    }

    /// <summary>The npm PouchDB server, whether or not there is a CouchDB too, or the test is skipped.</summary>
    public static async Task<CouchDbServer> RequirePouchAsync()
    {
        var server = await Pouch.Value;
        Skip.If(server is null, "PouchDB server: express-pouchdb was not found (POUCHDB_SERVER, npm's global folder)");
        return server!;
    }

    /// <summary>A CouchDB for one test alone, which may kill it; or the test is skipped.</summary>
    public static async Task<CouchDbServer> StartOwnAsync()
    {
        var home = ServerProcess.CouchDbFolder();
        Skip.If(home is null, "CouchDB: no installation (couchdb on PATH, /opt/couchdb) of which a test could start and kill one");
        var server = await StartAsync(ServerProcess.CouchDb(home!), real: true);
        Assert.NotNull(server);
        return server;
    }

    /// <summary>Makes an empty database with a name of its own.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        using var answer = await http.PutAsync(new Uri(name, UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
        return name;
    }

    /// <summary>Stores revisions as replication does, each a JSON object with its _rev and _revisions.</summary>
    public async Task InsertAsync(string database, params string[] documents)
    {
        var body = "{\"new_edits\":false,\"docs\":[" + string.Join(',', documents) + "]}";
        using var answer = await http.PostAsync(
            new Uri(database + "/_bulk_docs", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What the server answers to a path below its root.</summary>
    public Task<string> GetAsync(string path) => http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>What the server answers to a body that is posted.</summary>
    public async Task<string> PostAsync(string path, string body)
    {
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Puts a body at a path below the root.</summary>
    public async Task PutAsync(string path, string body)
    {
        using var answer = await http.PutAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Gives a document, made if there is none, an attachment.</summary>
    public async Task AttachAsync(string database, string id, string name, string type, byte[] bytes)
    {
        var path = $"{database}/{PathOf(id)}";
        using var there = await http.GetAsync(new Uri(path, UriKind.Relative));
        var revision = there.IsSuccessStatusCode ? $"?rev={there.Headers.ETag!.Tag.Trim('"')}" : string.Empty;
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await http.PutAsync(new Uri($"{path}/{Uri.EscapeDataString(name)}{revision}", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A document's path below its database.</summary>
    public static string PathOf(string id) => Uri.EscapeDataString(id).Replace("_design%2F", "_design/", StringComparison.Ordinal);

    /// <summary>The bytes that the server answers to a path below its root.</summary>
    public Task<byte[]> GetBytesAsync(string path) => http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    /// <summary>Deletes what stands at a path below the root; nothing happens when nothing is there.</summary>
    public async Task DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
    }

    /// <summary>Deletes a database and makes it anew, empty. CouchDB answers 412 as long as it is still deleting the old one's shards.</summary>
    public async Task RemakeAsync(string database)
    {
        await DeleteAsync(database);
        for (var tries = 0; ; tries++)
        {
            using var answer = await http.PutAsync(new Uri(database, UriKind.Relative), null);
            if (answer.StatusCode != HttpStatusCode.PreconditionFailed || tries == 100)
            {
                answer.EnsureSuccessStatusCode();
                return;
            }

            await Task.Delay(50);
        }
    }

    private static async Task<CouchDbServer?> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("COUCHDB_URL") is { Length: > 0 } url)
        {
            var given = new Uri(url);
            var user = Uri.UnescapeDataString(given.UserInfo).Split(':', 2);
            var address = new UriBuilder(given) { UserName = "", Password = "" }.Uri;
            return new CouchDbServer(address, user.Length == 2 ? new StoreCredential(user[0], user[1]) : null, real: true);
        }

        return ServerProcess.CouchDbFolder() is { } home ? await StartAsync(ServerProcess.CouchDb(home), real: true) : await Pouch.Value;
    }

    private static async Task<CouchDbServer?> FindPouchAsync() =>
        ServerProcess.PouchFolder() is { } modules ? await StartAsync(ServerProcess.Pouch(modules), real: false) : null;

    private static async Task<CouchDbServer?> StartAsync(ServerProcess process, bool real) =>
        await process.StartAsync() ? new CouchDbServer(process.Address, process.Credential, real, process) : null;
}
