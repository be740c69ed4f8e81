using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntegrityTools.Bench;

/// <summary>A CouchDB to measure on: the one at COUCHDB_URL, or one started from PATH or /opt/couchdb in a scratch folder.</summary>
public sealed class CouchServer : IDisposable
{
    private const int LoadBatch = 2000;
    private readonly HttpClient client;
    private readonly Process? process;
    private readonly string? folder;

    private CouchServer(Uri address, string user, string password, Process? process, string? folder)
    {
        (Address, User, Password, this.process, this.folder) = (address, user, password, process, folder);
        client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        var credential = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credential);
    }

    /// <summary>Its address, without credentials.</summary>
    public Uri Address { get; }

    /// <summary>The user name.</summary>
    public string User { get; }

    /// <summary>The password; given to peers through their environment or files only.</summary>
    public string Password { get; }

    /// <summary>The store's address as <c>integrity</c> takes it.</summary>
    public string Store(string database) => $"{(Address.Scheme == "https" ? "couchdbs" : "couchdb")}://{Address.Authority}/{database}";

    /// <summary>The address with credentials, as peers take it.</summary>
    public string WithCredentials => $"{Address.Scheme}://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{Address.Authority}";

    /// <summary>Finds or starts a server.</summary>
    /// <param name="url">Its address with credentials; null: COUCHDB_URL, or a new server.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static async Task<CouchServer> OpenAsync(string? url)
    {
        url ??= Environment.GetEnvironmentVariable("COUCHDB_URL");
        if (!string.IsNullOrEmpty(url))
        {
            var given = new Uri(url);
            var parts = given.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
            return new CouchServer(new Uri(given.GetLeftPart(UriPartial.Scheme) + given.Authority + "/"), parts[0], parts.ElementAtOrDefault(1) ?? "", null, null);
        }

        return await StartAsync().ConfigureAwait(false);
    }

    /// <summary>The server's version.</summary>
    public async Task<string> VersionAsync()
    {
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri("/", UriKind.Relative)).ConfigureAwait(false));
        return answer.RootElement.GetProperty("version").GetString()!;
    }

    /// <summary>Loads the data unless a database of that name was loaded whole before.</summary>
    /// <param name="data">The data.</param>
    /// <param name="database">The database's name; null: the data's own.</param>
    /// <returns>The database's name.</returns>
    public Task<string> LoadAsync(ConflictData data, string? database = null) => LoadAsync(database ?? data.Name, data.Waves());

    /// <summary>Loads revisions, wave by wave, unless a database of that name was loaded whole before.</summary>
    /// <param name="database">The database's name.</param>
    /// <param name="waves">The revisions.</param>
    /// <param name="shards">How many shards it has; null: as the server makes it.</param>
    /// <returns>The database's name.</returns>
    public async Task<string> LoadAsync(string database, IEnumerable<IEnumerable<byte[]>> waves, int? shards = null)
    {
        var marker = $"{database}/_local/bench-loaded";
        using (var loaded = await client.GetAsync(new Uri(marker, UriKind.Relative)).ConfigureAwait(false))
        {
            if (loaded.IsSuccessStatusCode)
            {
                return database;
            }
        }

        await DropAsync(database).ConfigureAwait(false);
        await SendAsync(HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"{database}{(shards is null ? "" : "?q=")}{shards}"), null).ConfigureAwait(false);
        foreach (var wave in waves)
        {
            foreach (var batch in wave.Chunk(LoadBatch))
            {
                await SendAsync(HttpMethod.Post, $"{database}/_bulk_docs", BulkDocs(batch, newEdits: false)).ConfigureAwait(false);
            }
        }

        await SendAsync(HttpMethod.Put, marker, "{}"u8.ToArray()).ConfigureAwait(false);
        return database;
    }

    /// <summary>Makes an empty database, in the place of one that is there.</summary>
    public async Task CreateAsync(string database)
    {
        await DropAsync(database).ConfigureAwait(false);
        await SendAsync(HttpMethod.Put, database, null).ConfigureAwait(false);
    }

    /// <summary>Removes a database if it is there.</summary>
    public async Task DropAsync(string database)
    {
        using var answer = await client.DeleteAsync(new Uri(database, UriKind.Relative)).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NotFound)
        {
            throw new InvalidOperationException($"DELETE {database} answered {(int)answer.StatusCode}.");
        }
    }

    /// <summary>How many documents have conflicts by now, as the server itself says.</summary>
    public async Task<int> CountConflictsAsync(string database)
    {
        var address = new Uri($"{database}/_all_docs?include_docs=true&conflicts=true", UriKind.Relative);
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(address).ConfigureAwait(false));
        return answer.RootElement.GetProperty("rows").EnumerateArray().Count(row => row.GetProperty("doc").TryGetProperty("_conflicts", out _));
    }

    /// <summary>Every attachment of a database, by document and name, with its type, length and digest as the server has them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AttachmentsAsync(string database)
    {
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri($"{database}/_all_docs?include_docs=true", UriKind.Relative)).ConfigureAwait(false));
        return answer.RootElement.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("doc").TryGetProperty("_attachments", out _))
            .SelectMany(row => row.GetProperty("doc").GetProperty("_attachments").EnumerateObject().Select(attachment => (Key: $"{row.GetProperty("id").GetString()}/{attachment.Name}", attachment.Value)))
            .ToDictionary(
                attachment => attachment.Key,
                attachment => $"{attachment.Value.GetProperty("content_type")} {attachment.Value.GetProperty("length")} {attachment.Value.GetProperty("digest")}",
                StringComparer.Ordinal);
    }

    /// <summary>The update sequence after so many rows of the changes feed.</summary>
    public async Task<string> SequenceAfterAsync(string database, int rows)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{database}/_changes?limit={rows}&seq_interval={rows}"), UriKind.Relative);
        using var answer = JsonDocument.Parse(await client.GetByteArrayAsync(address).ConfigureAwait(false));
        return answer.RootElement.GetProperty("last_seq").GetString()!;
    }

    /// <summary>Edits documents that follow each other, whatever their revisions are by now.</summary>
    /// <param name="database">The database.</param>
    /// <param name="first">The first one's id.</param>
    /// <param name="count">How many.</param>
    public async Task EditAsync(string database, string first, int count)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"{database}/_all_docs?include_docs=true&startkey=%22{first}%22&limit={count}");
        var rows = JsonNode.Parse(await client.GetByteArrayAsync(new Uri(address, UriKind.Relative)).ConfigureAwait(false))!["rows"]!.AsArray();
        var edited = rows.Select(row =>
        {
            var document = row!["doc"]!.AsObject();
            document["edited"] = (document["edited"]?.GetValue<int>() ?? 0) + 1;
            return JsonSerializer.SerializeToUtf8Bytes(document);
        });
        await SendAsync(HttpMethod.Post, $"{database}/_bulk_docs", BulkDocs(edited, newEdits: true)).ConfigureAwait(false);
    }

    /// <summary>The body of a _bulk_docs request.</summary>
    public static byte[] BulkDocs(IEnumerable<byte[]> documents, bool newEdits)
    {
        using var body = new MemoryStream();
        body.Write(newEdits ? "{\"docs\":["u8 : "{\"new_edits\":false,\"docs\":["u8);
        var first = true;
        foreach (var document in documents)
        {
            body.Write(first ? "\n"u8 : ",\n"u8);
            body.Write(document);
            first = false;
        }

        body.Write("]}"u8);
        return body.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
            Directory.Delete(folder!, recursive: true);
        }
    }

    private static async Task<CouchServer> StartAsync()
    {
        var program = Tools.Find("couchdb") ?? "/opt/couchdb/bin/couchdb";
        if (!File.Exists(program))
        {
            throw new InvalidOperationException("No CouchDB: set COUCHDB_URL, pass --couchdb URL, or put couchdb on PATH.");
        }

        var folder = Directory.CreateTempSubdirectory("integrity-bench-couchdb-").FullName;
        var port = FreePort();
        var ini = Path.Combine(folder, "local.ini");
        await File.WriteAllTextAsync(ini, string.Create(CultureInfo.InvariantCulture, $"""
            [couchdb]
            single_node=true
            uuid={Guid.NewGuid():N}
            database_dir={folder}/data
            view_index_dir={folder}/data
            [chttpd]
            port={port}
            bind_address=127.0.0.1
            [cluster]
            n=1
            [log]
            level=emergency
            [smoosh.ratio_dbs]
            min_priority = 1000000000
            [smoosh.slack_dbs]
            min_priority = 1000000000000000
            [admins]
            admin = secret

            """)).ConfigureAwait(false);
        // No automatic compaction: it would take the ancestors' bodies, and with them the merges, at a moment of its own.
        var defaults = Path.Combine(Path.GetDirectoryName(program)!, "..", "etc", "default.ini");
        var start = new ProcessStartInfo(program, ["-couch_ini", defaults, ini]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // One node needs no distribution, and so no daemon that would outlive it.
        start.Environment["ERL_AFLAGS"] = "-dist_listen false -start_epmd false";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new CouchServer(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")), "admin", "secret", process, folder);
        await server.WaitAsync().ConfigureAwait(false);
        return server;
    }

    private async Task WaitAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await SendAsync(HttpMethod.Get, "_up", null).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException && patience.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(200).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(HttpMethod method, string path, byte[]? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var answer = await client.SendAsync(request).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync().ConfigureAwait(false)}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
