using System.Text.Json;
using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>
/// Finds ids at which a database is cut into ranges of about as many documents. The server tells at once how many documents stand before a key;
/// counting to them (<c>skip</c>) would read half the list for each cut.
/// </summary>
internal sealed class RangeCuts(CouchClient client)
{
    // So few that a dead worker's range is soon done again, so many that claiming them costs little.
    private const int LeastDocuments = 1000;
    private const int MostRanges = 128;
    private const int MostQuestions = 48;

    /// <summary>The ids, in the server's order; a range ends before each of them. Fewer where documents crowd together or are few.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var info = await client.GetInfoAsync(cancellationToken);
        var pieces = 1;
        while (pieces < MostRanges && info.Documents / (pieces * 2) >= LeastDocuments)
        {
            pieces *= 2;
        }

        return await FindAsync(pieces, cancellationToken);
    }

    /// <summary>The same, for so many ranges (a power of two), however few documents there are.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(int pieces, CancellationToken cancellationToken)
    {
        var info = await client.GetInfoAsync(cancellationToken);
        var cuts = new List<string>();
        await HalveAsync(new Edge("", 0), new Edge(await LastAsync(null, cancellationToken), info.Documents), pieces, cuts, cancellationToken);
        return cuts;
    }

    private async Task HalveAsync(Edge low, Edge high, int pieces, List<string> cuts, CancellationToken cancellationToken)
    {
        if (pieces > 1 && await MiddleAsync(low, high, cancellationToken) is { } middle)
        {
            await HalveAsync(low, middle with { Id = await LastAsync(middle.Id, cancellationToken) }, pieces / 2, cuts, cancellationToken);
            cuts.Add(middle.Id!);
            await HalveAsync(middle, high, pieces / 2, cuts, cancellationToken);
        }
    }

    private async Task<Edge?> MiddleAsync(Edge low, Edge high, CancellationToken cancellationToken)
    {
        var (least, most) = (low.Before, high.Before);
        var wanted = (least + most) / 2;
        Edge? best = null;
        for (var question = 0; question < MostQuestions && high.Id is { } last && IdSpace.Between(low.Id!, last) is { } key; question++)
        {
            if (await FirstAsync(key, cancellationToken) is not { } at || at.Before >= most)
            {
                high = high with { Id = await LastAsync(key, cancellationToken) };
                continue;
            }

            if (at.Before > least && (best is null || Math.Abs(at.Before - wanted) < Math.Abs(best.Before - wanted)))
            {
                best = at;
                if (Math.Abs(at.Before - wanted) <= (most - least) / 8)
                {
                    break;
                }
            }

            (low, high) = at.Before < wanted ? (at, high) : (low, new Edge(await LastAsync(key, cancellationToken), at.Before));
        }

        return best;
    }

    /// <summary>The first document at or behind a key; null when there is none, or the server does not count.</summary>
    private async Task<Edge?> FirstAsync(string key, CancellationToken cancellationToken)
    {
        var answer = await client.AskAsync(HttpMethod.Get, $"/_all_docs?limit=1&startkey={CouchClient.Key(key)}", null, ofServer: false, cancellationToken);
        return answer.Member("rows") is { ValueKind: JsonValueKind.Array } rows && rows.GetArrayLength() > 0 && answer.Number("offset") is { } before
            ? new Edge(rows[0].GetProperty("id").GetString(), before)
            : null;
    }

    /// <summary>The last id before a key, by which ids that all begin alike are told at once; null when there is none.</summary>
    private async Task<string?> LastAsync(string? key, CancellationToken cancellationToken)
    {
        // A list backwards begins with the key itself where that is an id.
        var path = "/_all_docs?descending=true&limit=2" + (key is null ? "" : $"&startkey={CouchClient.Key(key)}");
        var answer = await client.AskAsync(HttpMethod.Get, path, null, ofServer: false, cancellationToken);
        return answer.Member("rows") is { ValueKind: JsonValueKind.Array } rows
            ? rows.EnumerateArray().Select(row => row.GetProperty("id").GetString()).FirstOrDefault(id => id != key)
            : null;
    }

    /// <summary>A place in the list of documents.</summary>
    /// <param name="Id">Of a lower edge the id that stands there; of an upper one the last id before it.</param>
    /// <param name="Before">How many documents stand before it.</param>
    private sealed record Edge(string? Id, long Before);
}
