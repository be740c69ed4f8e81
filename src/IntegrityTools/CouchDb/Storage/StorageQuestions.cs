using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>What a CouchDB server is asked about how it keeps a database. Nothing here writes, and nothing makes the server build an index.</summary>
internal sealed class StorageQuestions(CouchClient client)
{
    private const int MostPartitions = 1000;
    private const int MostRealPartitions = 50;
    private const string Designs = "/_all_docs?include_docs=true&startkey=%22_design%2F%22&endkey=%22_design0%22";
    private static readonly string[] Everything = [""];
    private IReadOnlyList<string>? partitions;

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
    /// <returns>One answer; of an index that is asked by partition one of each shard: of the shard's rows in all, and of one partition's reduction.</returns>
    public async Task<IReadOnlyList<ServerAnswer>> ReadViewAsync(DesignDocument design, DesignView view, bool reduced, CancellationToken cancellationToken)
    {
        var answers = new List<ServerAnswer>();
        foreach (var partition in await PartitionsOfAsync(design, cancellationToken))
        {
            answers.Add(await GetAsync($"{partition}{design.PathOf(view)}?update=false&update_seq=true&{(reduced ? "reduce=true" : "reduce=false&limit=1")}", cancellationToken));
        }

        return answers;
    }

    /// <summary>How many rows an index has as it stands; null when the server does not tell.</summary>
    public async Task<long?> CountRowsAsync(DesignDocument design, DesignView view, CancellationToken cancellationToken) =>
        (await ReadViewAsync(design, view, reduced: false, cancellationToken)).Select(answer => answer.Number("total_rows")).Aggregate((long?)0, (sum, rows) => sum + rows);

    /// <summary>What to ask, for no row, to have the server bring all of an index up to date: it does so shard by shard where it is asked by partition.</summary>
    public async Task<IReadOnlyList<string>> GetWarmingPathsAsync(DesignDocument design, CancellationToken cancellationToken) =>
        [.. (await PartitionsOfAsync(design, cancellationToken)).Select(partition => $"{partition}{design.PathOf(design.Views[0])}?limit=0&reduce=false")];

    /// <summary>What the server would do for a query that is asked of all documents, and for one that is asked of a partition where there are such.</summary>
    public async Task<IReadOnlyList<ServerAnswer>> ExplainAsync(RawJson query, CancellationToken cancellationToken)
    {
        var plans = new List<ServerAnswer>();
        foreach (var partition in (await PartitionsAsync(cancellationToken)).Take(1).Prepend("").Distinct())
        {
            plans.Add(await client.AskAsync(HttpMethod.Post, partition + "/_explain", query, ofServer: false, cancellationToken));
        }

        return plans;
    }

    /// <summary>The Mango indexes.</summary>
    public Task<ServerAnswer> GetMangoIndexesAsync(CancellationToken cancellationToken) => GetAsync("/_index", cancellationToken);

    private async Task<IReadOnlyList<string>> PartitionsOfAsync(DesignDocument design, CancellationToken cancellationToken) =>
        design.IsGlobal ? Everything : await PartitionsAsync(cancellationToken);

    /// <summary>
    /// The paths of one partition of each shard; one empty path for a database without partitions. A partition is preferred that holds documents; for a shard
    /// whose are not found soon names are tried, since a partition has its shard whether or not a document is in it.
    /// </summary>
    private async Task<IReadOnlyList<string>> PartitionsAsync(CancellationToken cancellationToken)
    {
        if (partitions is not null)
        {
            return partitions;
        }

        if (!(await GetInfoAsync(cancellationToken)).Partitioned
            || (await GetAsync("/_shards", cancellationToken)).Member("shards") is not { ValueKind: JsonValueKind.Object } shards)
        {
            return partitions = Everything;
        }

        var found = new List<string>();
        var left = shards.EnumerateObject().Select(shard => shard.Name).ToHashSet(StringComparer.Ordinal);
        await foreach (var name in NamesAsync(cancellationToken))
        {
            if ((await GetAsync($"/_shards/{Uri.EscapeDataString(name)}:d", cancellationToken)).Text("range") is { } range && left.Remove(range))
            {
                found.Add($"/_partition/{Uri.EscapeDataString(name)}");
            }

            if (left.Count == 0)
            {
                break;
            }
        }

        return partitions = found;
    }

    /// <summary>Names of partitions: of the first that hold documents, then any.</summary>
    private async IAsyncEnumerable<string> NamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = "";
        for (var number = 0; number < MostRealPartitions; number++)
        {
            var listed = await GetAsync($"/_all_docs?limit=1&startkey={CouchClient.Key(from)}", cancellationToken);
            if (listed.Member("rows") is not { ValueKind: JsonValueKind.Array } rows || rows.GetArrayLength() == 0 || rows[0].GetProperty("id").GetString() is not { } id)
            {
                break;
            }

            // A partition's ids begin with its name and a colon, and no other partition's stand between them; design documents are in none.
            var name = id.Split(':')[0];
            from = name + ";";
            if (id[0] == '_')
            {
                from = "_design0";
            }
            else
            {
                yield return name;
            }
        }

        for (var number = 0; number < MostPartitions; number++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"p{number}");
        }
    }

    private static JsonElement Document(JsonElement row) => row.ValueKind == JsonValueKind.Object && row.TryGetProperty("doc", out var document) ? document : default;

    private Task<ServerAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Get, path, null, ofServer: false, cancellationToken);
}
