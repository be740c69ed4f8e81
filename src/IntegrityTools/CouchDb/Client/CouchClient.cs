using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// A thin client of one CouchDB database. Document ids travel in bodies only, but for large attachments: <c>.</c> and <c>..</c> are legal ids that
/// few programs send in a path as they are. Reads are tried again, writes only when the server was too busy to begin: only the caller can tell whether a lost one arrived.
/// </summary>
internal sealed class CouchClient : IDisposable
{
    // Above a hundred names CouchDB reads its whole feed to find them (changes_doc_ids_optimization_threshold).
    private const int NamesAtOnce = 100;

    private readonly CouchTransport transport;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <param name="server">The server's root, http or https.</param>
    /// <param name="database">The database's name, unescaped.</param>
    /// <param name="credential">Name and password; null: none.</param>
    /// <param name="options">Timeouts, sizes and tries; null: the defaults.</param>
    public CouchClient(Uri server, string database, StoreCredential? credential = null, CouchOptions? options = null)
    {
        Options = options ?? new CouchOptions();
        transport = new CouchTransport(server, database, credential, Options);
        Attachments = new AttachmentTransfer(transport);
        Members = new DatabaseMembers(transport);
    }

    /// <summary>How the server is talked to.</summary>
    public CouchOptions Options { get; }

    /// <summary>Attachments that are too large to travel inside JSON.</summary>
    public AttachmentTransfer Attachments { get; }

    /// <summary>What a database has beside its documents.</summary>
    public DatabaseMembers Members { get; }

    /// <summary>The store's address for messages.</summary>
    public string Store => transport.Store;

    /// <summary>True for CouchDB itself; known once a request was answered.</summary>
    public bool IsCouchDb => transport.IsCouchDb;

    /// <summary>What the server told when the database was opened; the first call of all opens it, with one single request.</summary>
    public Task<DatabaseInfo> OpenAsync(CancellationToken cancellationToken) => transport.OpenAsync(cancellationToken);

    /// <summary>What the server tells about the database now.</summary>
    public async Task<DatabaseInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await transport.AskAsync(cancellationToken);
    }

    /// <summary>The server's version, such as <c>3.5.0</c>; null when it does not tell.</summary>
    public async Task<string?> GetServerVersionAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var answer = await transport.RetryAsync(
            "Asking for the version", token => transport.ReadAllAsync(HttpMethod.Get, "/", null, "Asking for the version", token), cancellationToken);
        using var document = JsonDocument.Parse(answer, JsonLimits.Document);
        return document.RootElement.TryGetProperty("version", out var version) ? version.GetString() : null;
    }

    /// <summary>Opens the leaf feed, tried once: whoever reads it knows where to go on.</summary>
    /// <param name="since">The sequence after which to begin; null: at the start.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="withBodies">True to have the winner of each document in its row.</param>
    /// <param name="limit">How many rows at most; null: all.</param>
    public async Task<Stream> OpenChangesFeedAsync(string? since, CancellationToken cancellationToken, bool withBodies = false, int? limit = null)
    {
        await OpenAsync(cancellationToken);
        var path = transport.DatabasePath + CouchNames.Changes + (withBodies ? CouchNames.WithBodies : "")
            + (since is null ? "" : "&since=" + Uri.EscapeDataString(since)) + Limit(limit);
        var answer = await transport.SendAsync(HttpMethod.Get, path, null, "Reading the changes feed", null, cancellationToken);
        return await transport.OpenBodyAsync(answer, cancellationToken);
    }

    /// <summary>The documents that were written last, with their leaves.</summary>
    public Task<IReadOnlyList<LeafEntry>> GetLastChangesAsync(int count, CancellationToken cancellationToken) => transport.RetryAsync(
        "Asking for the last changes",
        async token => CouchAnswers.ReadChanges(await transport.ReadAllAsync(
            HttpMethod.Get, transport.DatabasePath + CouchNames.LastChanges + count.ToString(CultureInfo.InvariantCulture), null, "Asking for the last changes", token)),
        cancellationToken);

    /// <summary>True when the server takes a sequence as one of this database's.</summary>
    public async Task<bool> TakesSequenceAsync(string sequence, CancellationToken cancellationToken)
    {
        const string What = "Asking for what was changed";
        return await transport.RetryAsync(
            What,
            async token =>
            {
                var path = transport.DatabasePath + CouchNames.FirstChange + Uri.EscapeDataString(sequence);
                using var answer = await transport.SendAsync(HttpMethod.Get, path, null, What, HttpStatusCode.BadRequest, token);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken);
    }

    /// <summary>Opens a list of documents, tried once: whoever reads it knows where to go on.</summary>
    /// <param name="range">Which.</param>
    /// <param name="bodies">True to have the bodies.</param>
    /// <param name="limit">How many rows at most; null: all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="skip">How many rows are left out first.</param>
    public async Task<Stream> OpenAllDocsAsync(DocumentRange range, bool bodies, int? limit, CancellationToken cancellationToken, int skip = 0)
    {
        await OpenAsync(cancellationToken);
        var path = transport.DatabasePath
            + (range.Partition is null ? "" : CouchNames.Partition + Uri.EscapeDataString(range.Partition))
            + CouchNames.AllDocs + (bodies ? "true" : "false")
            + (range.From is null ? "" : "&startkey=" + Key(range.From))
            + (range.Before is null ? "" : "&inclusive_end=false&endkey=" + Key(range.Before))
            + Limit(limit) + (skip > 0 ? CouchNames.Skip + skip.ToString(CultureInfo.InvariantCulture) : "");
        var answer = await transport.SendAsync(HttpMethod.Get, path, null, "Reading all documents", null, cancellationToken);
        return await transport.OpenBodyAsync(answer, cancellationToken);
    }

    /// <summary>The id that stands so many places behind the first of a range; null when the range is not as long.</summary>
    public Task<string?> FindDocumentAsync(DocumentRange range, int skip, CancellationToken cancellationToken) => transport.RetryAsync(
        "Reading all documents",
        async token =>
        {
            await using var stream = await OpenAllDocsAsync(range, bodies: false, limit: 1, token, skip);
            return (await new AllDocsReader(stream, bodies: false).ReadAsync(token))?.Id;
        },
        cancellationToken);

    /// <summary>
    /// Reads revisions with bodies and histories, in the order asked for, one at a time off the wire. What is not there is left
    /// out. When the connection breaks, the read is repeated and what was already given is not given again.
    /// </summary>
    /// <param name="items">What to read.</param>
    /// <param name="attachments">True to have attachments' bytes in the bodies (base64), false for stubs.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<DocumentRevision> BulkGetAsync(
        IReadOnlyList<BulkGetItem> items, bool attachments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            yield break; // The npm PouchDB server never answers an empty list.
        }

        await OpenAsync(cancellationToken);
        var path = transport.DatabasePath + CouchNames.BulkGet + (attachments ? CouchNames.WithAttachments : "");
        var body = CouchAnswers.WriteBulkGet(items);
        var given = new HashSet<(string, RevisionId)>(4 * items.Count);
        for (var attempt = 1; ; attempt++)
        {
            Exception? broken = null;
            await using var answer = new BulkGetAnswer(transport, path, body);
            while (broken is null)
            {
                DocumentRevision? revision = null;
                try
                {
                    revision = await answer.ReadAsync(cancellationToken);
                }
                catch (Exception exception) when (CouchErrors.IsTransient(exception))
                {
                    broken = exception;
                }

                if (revision is not null && given.Add((revision.Id, revision.Revision)))
                {
                    yield return revision;
                }
                else if (revision is null && broken is null)
                {
                    yield break;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            await transport.PauseAsync($"Reading {Counted.Of(items.Count, "document")}", attempt, broken, cancellationToken);
        }
    }

    /// <summary>The leaves of the named documents as the changes feed lists them: for servers whose bulk read gives winners only.</summary>
    public async Task<IReadOnlyDictionary<string, LeafEntry>> GetLeafRevisionsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, LeafEntry>(ids.Count, StringComparer.Ordinal);
        foreach (var names in ids.Chunk(NamesAtOnce))
        {
            var listed = await transport.RetryAsync(
                $"Listing the leaves of {Counted.Of(names.Length, "document")}",
                async token => CouchAnswers.ReadChanges(await transport.ReadAllAsync(
                    HttpMethod.Post, transport.DatabasePath + CouchNames.ChangesOfIds, Json(CouchAnswers.WriteIds(names)), "Listing leaves", token)),
                cancellationToken);
            foreach (var entry in listed)
            {
                // An id that two shards hold is listed twice: all its leaves are asked for by name then.
                entries[entry.Id] = entries.TryGetValue(entry.Id, out var other) ? new LeafEntry(entry.Id, [.. other.Leaves.Union(entry.Leaves)]) : entry;
            }
        }

        return entries;
    }

    /// <summary>Writes documents as they are, in one request, sent once unless the server is too busy to begin.</summary>
    /// <param name="documents">Whole documents, each a JSON object with its <c>_id</c>.</param>
    /// <param name="newEdits">False stores the revisions that the documents name, as replication does.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of each; with <paramref name="newEdits"/> false the server names refusals only.</returns>
    /// <exception cref="IntegrityException">StoreUnavailable: whether anything was written is unknown; read back to know.</exception>
    public async Task<IReadOnlyList<WriteResult>> BulkDocsAsync(
        IReadOnlyList<RawJson> documents, bool newEdits, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        try
        {
            var what = $"Writing {Counted.Of(documents.Count, "document")}";
            var answer = await transport.WriteAsync(
                what,
                () => transport.ReadAllAsync(HttpMethod.Post, transport.DatabasePath + CouchNames.BulkDocs, new RawDocumentsContent(documents, newEdits), what, cancellationToken),
                cancellationToken);
            return CouchAnswers.ReadWriteResults(answer, Store);
        }
        catch (Exception exception) when (CouchErrors.IsTransient(exception))
        {
            throw CouchErrors.LostWrite(Store, documents.Count, exception);
        }
    }

    /// <summary>Asks below the database (a path that begins with <c>/</c>) or, with <paramref name="ofServer"/>, below the server's root; sent once, and any status is an answer.</summary>
    /// <exception cref="IOException">There was no answer in time; with <see cref="HttpRequestException"/>, there is no connection.</exception>
    public async Task<ServerAnswer> AskOnceAsync(HttpMethod method, string path, RawJson? body, bool ofServer, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await transport.AskOnceAsync(method, ofServer ? path : transport.DatabasePath + path, body is { } json ? Json(json.Utf8) : null, cancellationToken);
    }

    /// <summary>As <see cref="AskOnceAsync"/>, of what may be asked twice: again after failures of the connection, and while the server is too busy. What it says at the last try is an answer, too.</summary>
    public async Task<ServerAnswer> AskAsync(HttpMethod method, string path, RawJson? body, bool ofServer, CancellationToken cancellationToken)
    {
        ServerAnswer? last = null;
        try
        {
            return await transport.RetryAsync($"Asking for {path}", async token =>
            {
                last = null;
                var answer = await AskOnceAsync(method, path, body, ofServer, token);
                return CouchErrors.IsBusy(answer.Status) ? throw new TransientAnswerException((last = answer).Failure) : answer;
            }, cancellationToken);
        }
        catch (IntegrityException failure) when (failure.ErrorId == ErrorIds.StoreUnavailable && last is not null)
        {
            return last;
        }
    }

    /// <summary>Makes the database; false when it is there already.</summary>
    public Task<bool> CreateDatabaseAsync(CancellationToken cancellationToken) =>
        ChangeDatabaseAsync(HttpMethod.Put, $"Making {Store}", HttpStatusCode.PreconditionFailed, cancellationToken);

    /// <summary>Deletes the database; false when it is not there.</summary>
    public Task<bool> DeleteDatabaseAsync(CancellationToken cancellationToken) =>
        ChangeDatabaseAsync(HttpMethod.Delete, $"Deleting {Store}", HttpStatusCode.NotFound, cancellationToken);

    /// <summary>Waits before the caller tries a read again; throws StoreUnavailable after the last try.</summary>
    public Task PauseAsync(string what, int attempt, Exception cause, CancellationToken cancellationToken) =>
        transport.PauseAsync(what, attempt, cause, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private async Task<bool> ChangeDatabaseAsync(HttpMethod method, string what, HttpStatusCode accepted, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await transport.SendAsync(method, transport.DatabasePath, null, what, accepted, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (CouchErrors.IsTransient(exception))
        {
            throw CouchErrors.Unavailable(Store, $"{what} (whether it arrived is unknown)", exception);
        }
    }

    private static string Limit(int? rows) => rows is { } limit ? CouchNames.Limit + limit.ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>An id as a key in a query.</summary>
    internal static string Key(string id) => $"%22{Uri.EscapeDataString(JsonEncodedText.Encode(id).Value)}%22";

    internal static HttpContent Json(ReadOnlyMemory<byte> utf8)
    {
        var content = new ReadOnlyMemoryContent(utf8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
