using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Engines;

/// <summary>
/// A server that the tests start as a process of their own: it can be killed, and started again at the same address with the same data. It ends
/// with its standard input, which the system closes when the tests are killed themselves.
/// </summary>
internal sealed class ServerProcess
{
    private readonly ProcessStartInfo start;
    private Process? process;

    private ServerProcess(ProcessStartInfo start, int port, StoreCredential? credential)
    {
        this.start = start;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Address = new Uri($"http://127.0.0.1:{port}/");
        Credential = credential;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            End(process);
            try
            {
                Directory.Delete(start.WorkingDirectory, recursive: true);
            }
            catch (IOException)
            {
                // Something still writes there: the other servers' folders go all the same.
            }
        };
    }

    public Uri Address { get; }

    public StoreCredential? Credential { get; }

    /// <summary>Where it keeps its data.</summary>
    public string Folder => start.WorkingDirectory;

    /// <summary>The folder of a CouchDB on this machine; null when there is none.</summary>
    public static string? CouchDbFolder()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "couchdb")).FirstOrDefault(File.Exists);
        var program = onPath is null ? null : File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
        var folders = new[] { program is null ? null : Path.GetDirectoryName(Path.GetDirectoryName(program)), "/opt/couchdb" };
        return folders.FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "etc", "default.ini")));
    }

    /// <summary>The folder of node modules that holds express-pouchdb: POUCHDB_SERVER, else where npm installs globally; null when there is none.</summary>
    public static string? PouchFolder() => NodeModules.Find("express-pouchdb", "POUCHDB_SERVER", "/opt/pouchdb-server");

    /// <summary>A CouchDB in a scratch folder; not yet started.</summary>
    public static ServerProcess CouchDb(string home)
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("integrity-couchdb-").FullName;
        File.WriteAllText(
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
            ; The server's own daemon would compact what a test wants to find, whenever it gets to it.
            [smoosh.ratio_dbs]
            min_priority = 1000000
            [smoosh.ratio_views]
            min_priority = 1000000
            [log]
            level = error
            """);

        // Each node needs a name of its own, or it does not start beside another CouchDB on this machine.
        var arguments = File.ReadAllLines(Path.Combine(home, "etc", "vm.args"))
            .Where(line => !line.StartsWith("-name", StringComparison.Ordinal))
            .Append($"-name couchdb-{port}@127.0.0.1");
        File.WriteAllLines(Path.Combine(folder, "vm.args"), arguments);
        // CouchDB reads no standard input: a shell does it in its place, and ends with it in either direction.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" < /dev/null & server=$!; cat > /dev/null; kill -9 $server", Path.Combine(home, "bin", "couchdb")]) { WorkingDirectory = folder };
        start.Environment["COUCHDB_ARGS_FILE"] = Path.Combine(folder, "vm.args");
        start.Environment["ERL_FLAGS"] = $"-couch_ini {home}/etc/default.ini {folder}/local.ini";
        return new ServerProcess(start, port, new StoreCredential("admin", "secret"));
    }

    /// <summary>The npm PouchDB server, with its databases in memory; not yet started.</summary>
    public static ServerProcess Pouch(string modules)
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("integrity-pouchdb-").FullName;
        File.WriteAllText(
            Path.Combine(folder, "server.js"),
            $$"""
            const PouchDB = require('pouchdb-core').plugin(require('pouchdb-adapter-memory')).plugin(require('pouchdb-mapreduce')).plugin(require('pouchdb-replication'));
            const app = require('express')();
            app.use('/', require('express-pouchdb')(PouchDB.defaults({ adapter: 'memory' }), { inMemoryConfig: true }));
            app.listen({{port}}, '127.0.0.1');
            process.stdin.on('close', () => process.exit()).resume();
            """);
        var start = new ProcessStartInfo("node", "server.js") { WorkingDirectory = folder };
        start.Environment["NODE_PATH"] = modules;
        return new ServerProcess(start, port, null);
    }

    /// <summary>Starts it; false when it does not answer within a minute.</summary>
    public async Task<bool> StartAsync()
    {
        process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient { BaseAddress = Address };
        for (var deadline = Stopwatch.StartNew(); deadline.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited;)
        {
            try
            {
                // Without a credential: CouchDB's 401 tells as much as a list of databases does.
                using var answer = await http.GetAsync(new Uri("_all_dbs", UriKind.Relative));
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50);
        }

        return false;
    }

    /// <summary>Kills it, as kill -9 does.</summary>
    public void Kill() => End(process);

    /// <summary>Does what the system does when the tests are killed.</summary>
    public async Task LoseStarterAsync()
    {
        process!.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    private static void End(Process? process)
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(5000);
        }
    }

    /// <summary>A port that nobody listens on, below those that the system gives to connections: one of these could be taken while the server is not up.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }
}
