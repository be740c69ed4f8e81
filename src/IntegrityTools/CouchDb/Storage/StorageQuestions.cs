using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>What a CouchDB server is asked about how it keeps a database. Nothing here writes, and nothing makes the server build an index.</summary>
internal sealed class StorageQuestions(CouchClient client)
{
    private const int MostPartitions = 1000;
    private const string Designs = "/_all_docs?include_docs=true&startkey=%22_design%2F%22&endkey=%22_design0%22";

    /// <summary>What the server tells about the database now.</summary>
    public Task<DatabaseInfo> GetInfoAsync(CancellationToken cancellationToken) => client.GetInfoAsync(cancellationToken);

    /// <summary>How many documents the list of all of them has, by its own word; null when the server does not tell.</summary>
    public async Task<long?> CountAllDocsAsync(CancellationToken cancellationToken) => (await GetAsync("/_all_docs?limit=0", cancellationToken)).Number("total_rows");

    /// <summary>The design documents that have views.</summary>
    public async Task<IReadOnlyList<DesignDocument>> GetDesignDocumentsAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync(Designs, cancellationToken);
        return answer.Member("rows") is { ValueKind: JsonValueKind.Array } rows
            ? [.. rows.EnumerateArray().Select(Document).Select(DesignDocument.Read).OfType<DesignDocument>()]
            : throw new IntegrityException(
                ErrorIds.UnexpectedAnswer,
                $"The design documents cannot be listed: {answer.Failure}",
                client.Store,
                $"Use a name that may read the database, or leave out the storage checks by {CommandWords.Option("--type", "-Type")}.");
    }

    /// <summary>One of them; null when it is not there, or has no views.</summary>
    public async Task<DesignDocument?> GetDesignDocumentAsync(string id, CancellationToken cancellationToken) =>
        (await GetDesignDocumentsAsync(cancellationToken)).FirstOrDefault(design => design.Id == id);

    /// <summary>The state of a design document's index; null when it is gone, or the server does not tell.</summary>
    public async Task<IndexState?> GetIndexAsync(DesignDocument design, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(design.Path + "/_info", cancellationToken);
        return answer.Number("view_index", "sizes", "file") is { } file
            ? new IndexState(
                file,
                answer.Number("view_index", "sizes", "active") ?? file,
                answer.Number("view_index", "updates_pending", "minimum") ?? 0,
                answer.Number("view_index", "updates_pending", "total") ?? 0,
                answer.Number("view_index", "update_seq") ?? 0,
                answer.Member("view_index", "updater_running").ValueKind == JsonValueKind.True,
                answer.Member("view_index", "compact_running").ValueKind == JsonValueKind.True,
                answer.Text("view_index", "signature"))
            : null;
    }

    /// <summary>How many revisions of a document are remembered; null when the server does not tell.</summary>
    public async Task<long?> GetRevisionLimitAsync(CancellationToken cancellationToken) =>
        (await GetAsync("/_revs_limit", cancellationToken)).Root is { ValueKind: JsonValueKind.Number } limit && limit.TryGetInt64(out var number) ? number : null;

    /// <summary>Of the documents changed last: how many were looked at, and how many old revisions of them still have their bodies.</summary>
    public async Task<(int Documents, int OldRevisions)> SampleRevisionsAsync(int most, CancellationToken cancellationToken)
    {
        var changes = await GetAsync($"/_changes?descending=true&limit={most}", cancellationToken);
        var documents = 0;
        var revisions = 0;
        foreach (var answer in await Task.WhenAll(Ids(changes.Member("results")).Select(id => GetAsync($"/{Uri.EscapeDataString(id)}?revs_info=true", cancellationToken))))
        {
            if (answer.Member("_revs_info") is { ValueKind: JsonValueKind.Array } known)
            {
                documents++;
                revisions += known.EnumerateArray().Skip(1)
                    .Count(revision => revision.TryGetProperty("status", out var status) && status.ValueEquals("available"));
            }
        }

        return (documents, revisions);
    }

    /// <summary>Whether a map function runs over the documents changed last, by the changes feed's filter of that kind, which builds no index.</summary>
    public async Task<ServerAnswer> TryMapAsync(DesignDocument design, DesignView view, int most, CancellationToken cancellationToken)
    {
        var last = await GetAsync($"/_changes?descending=true&limit={most}", cancellationToken);
        var since = last.Member("results") is { ValueKind: JsonValueKind.Array } rows && rows.GetArrayLength() == most
            && rows[most - 1].TryGetProperty("seq", out var seq) ? "&since=" + Uri.EscapeDataString(seq.ToString()) : "";
        return await GetAsync($"/_changes?limit=1&filter=_view&view={Uri.EscapeDataString($"{design.Name}/{view.Name}")}{since}", cancellationToken);
    }

    /// <summary>Reads an index as it stands, without bringing it up to date.</summary>
    /// <param name="design">The design document.</param>
    /// <param name="view">Its view.</param>
    /// <param name="reduced">True for the view's reduction, false for its first row and the number of all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ServerAnswer> ReadViewAsync(DesignDocument design, DesignView view, bool reduced, CancellationToken cancellationToken) =>
        GetAsync($"{design.PathOf(view)}?update=false&update_seq=true&{(reduced ? "reduce=true" : "reduce=false&limit=1")}", cancellationToken);

    /// <summary>
    /// What to ask, for no row, to have the server bring all of an index up to date. A partitioned one is asked of a partition, which brings up to date the shard that holds it: so
    /// names are tried until each shard has one, whether or not a document is in it.
    /// </summary>
    public async Task<IReadOnlyList<string>> GetWarmingPathsAsync(DesignDocument design, CancellationToken cancellationToken)
    {
        var path = $"{design.PathOf(design.Views[0])}?limit=0&reduce=false";
        if (design.IsGlobal || !(await GetInfoAsync(cancellationToken)).Partitioned
            || (await GetAsync("/_shards", cancellationToken)).Member("shards") is not { ValueKind: JsonValueKind.Object } shards)
        {
            return [path];
        }

        var paths = new List<string>();
        var left = shards.EnumerateObject().Select(shard => shard.Name).ToHashSet(StringComparer.Ordinal);
        for (var number = 0; left.Count > 0 && number < MostPartitions; number++)
        {
            var partition = string.Create(CultureInfo.InvariantCulture, $"p{number}");
            if ((await GetAsync($"/_shards/{partition}:d", cancellationToken)).Text("range") is { } range && left.Remove(range))
            {
                paths.Add($"/_partition/{partition}{path}");
            }
        }

        return paths;
    }

    /// <summary>What the server would do for a query.</summary>
    public Task<ServerAnswer> ExplainAsync(RawJson query, CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Post, "/_explain", query, ofServer: false, cancellationToken);

    /// <summary>The Mango indexes.</summary>
    public Task<ServerAnswer> GetMangoIndexesAsync(CancellationToken cancellationToken) => GetAsync("/_index", cancellationToken);

    private static JsonElement Document(JsonElement row) => row.ValueKind == JsonValueKind.Object && row.TryGetProperty("doc", out var document) ? document : default;

    // Design documents are edited seldom; no URL can carry the ids . and .. .
    private static IEnumerable<string> Ids(JsonElement rows) => rows.ValueKind != JsonValueKind.Array ? [] : rows.EnumerateArray()
        .Where(row => !row.TryGetProperty("deleted", out _))
        .Select(row => row.TryGetProperty("id", out var id) ? id.GetString() : null)
        .OfType<string>()
        .Where(id => id is not ("." or "..") && !id.StartsWith("_design/", StringComparison.Ordinal));

    private Task<ServerAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Get, path, null, ofServer: false, cancellationToken);
}
