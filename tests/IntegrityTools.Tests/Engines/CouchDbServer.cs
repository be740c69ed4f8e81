using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
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
    private readonly HttpClient http;

    private CouchDbServer(Uri address, StoreCredential? credential, bool real)
    {
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

    /// <summary>The server, or the test is skipped.</summary>
    public static async Task<CouchDbServer> RequireAsync(bool real = false)
    {
        var server = await Shared.Value;
        Skip.If(server is null, "CouchDB: none found (COUCHDB_URL, couchdb on PATH, /opt/couchdb, the npm PouchDB server)");
        Skip.If(real && !server!.IsReal, "CouchDB: this test needs a real one, and only the PouchDB server was found");
        return server!;
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

    /// <summary>Deletes what stands at a path below the root; nothing happens when nothing is there.</summary>
    public async Task DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
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

        if (Installation() is { } home)
        {
            return await StartAsync(home);
        }

        return PouchFolder() is { } pouch ? await StartPouchAsync(pouch) : null;
    }

    private static string? Installation()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "couchdb")).FirstOrDefault(File.Exists);
        var program = onPath is null ? null : File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
        var folders = new[] { program is null ? null : Path.GetDirectoryName(Path.GetDirectoryName(program)), "/opt/couchdb" };
        return folders.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "etc", "default.ini")));
    }

    private static string? PouchFolder()
    {
        var folders = new[] { Environment.GetEnvironmentVariable("POUCHDB_SERVER"), "/opt/pouchdb-server/node_modules", "/usr/lib/node_modules", "/usr/local/lib/node_modules" };
        return folders.Where(folder => folder is { Length: > 0 })
            .SelectMany(folder => new[] { folder!, Path.Combine(folder!, "node_modules") })
            .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "express-pouchdb")));
    }

    private static async Task<CouchDbServer?> StartAsync(string home)
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("integrity-couchdb-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "local.ini"),
            $"""
            [couchdb]
            single_node=true
            database_dir={folder}/data
            view_index_dir={folder}/data
            [chttpd]
            port={port}
            bind_address=127.0.0.1
            [admins]
            admin = secret
            [log]
            level = error
            """);
        var start = new ProcessStartInfo(Path.Combine(home, "bin", "couchdb"))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Each node needs a name of its own, or it does not start beside another CouchDB on this machine.
        var arguments = (await File.ReadAllLinesAsync(Path.Combine(home, "etc", "vm.args")))
            .Where(line => !line.StartsWith("-name", StringComparison.Ordinal))
            .Append($"-name couchdb-{port}@127.0.0.1");
        await File.WriteAllLinesAsync(Path.Combine(folder, "vm.args"), arguments);
        start.Environment["COUCHDB_ARGS_FILE"] = Path.Combine(folder, "vm.args");
        start.Environment["ERL_FLAGS"] = $"-couch_ini {home}/etc/default.ini {folder}/local.ini";
        var credential = new StoreCredential("admin", "secret");
        return await StartAsync(start, new CouchDbServer(new Uri($"http://127.0.0.1:{port}/"), credential, real: true), folder);
    }

    private static async Task<CouchDbServer?> StartPouchAsync(string modules)
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("integrity-pouchdb-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "server.js"),
            $$"""
            const PouchDB = require('pouchdb-core').plugin(require('pouchdb-adapter-memory')).plugin(require('pouchdb-mapreduce')).plugin(require('pouchdb-replication'));
            const app = require('express')();
            app.use('/', require('express-pouchdb')(PouchDB.defaults({ adapter: 'memory' }), { inMemoryConfig: true }));
            app.listen({{port}}, '127.0.0.1');
            """);
        var start = new ProcessStartInfo("node", "server.js") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = modules;
        return await StartAsync(start, new CouchDbServer(new Uri($"http://127.0.0.1:{port}/"), null, real: false), folder);
    }

    private static async Task<CouchDbServer?> StartAsync(ProcessStartInfo start, CouchDbServer server, string folder)
    {
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(5000);
            Directory.Delete(folder, recursive: true);
        };
        for (var deadline = Stopwatch.StartNew(); deadline.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited;)
        {
            try
            {
                using var answer = await server.http.GetAsync(new Uri("_all_dbs", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        return null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
