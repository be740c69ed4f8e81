using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Sharing;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// Looks for old revisions whose bodies are still there, in a few documents from all over the database: those changed last, or those at one end, would be of one kind.
/// </summary>
internal sealed class RevisionSample(CouchClient client)
{
    private const int Most = 16;

    /// <summary>How many documents were looked at, and how many old revisions of them still have their bodies.</summary>
    public async Task<(int Documents, int OldRevisions)> TakeAsync(CancellationToken cancellationToken)
    {
        var documents = 0;
        var revisions = 0;
        foreach (var answer in await Task.WhenAll((await IdsAsync(cancellationToken)).Select(id => GetAsync($"/{Uri.EscapeDataString(id)}?revs_info=true", cancellationToken))))
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

    // Design documents are edited seldom; no URL can carry the ids . and .. .
    private async Task<IEnumerable<string>> IdsAsync(CancellationToken cancellationToken)
    {
        var first = (await GetAsync("/_all_docs?limit=1", cancellationToken)).Member("rows") is { ValueKind: JsonValueKind.Array } rows && rows.GetArrayLength() > 0
            ? rows[0].GetProperty("id").GetString()
            : null;
        var cuts = first is null ? [] : await new RangeCuts(client).FindAsync(Most, cancellationToken);
        return cuts.Prepend(first).OfType<string>().Where(id => id is not ("." or "..") && !id.StartsWith("_design/", StringComparison.Ordinal));
    }

    private Task<ServerAnswer> GetAsync(string path, CancellationToken cancellationToken) => client.AskAsync(HttpMethod.Get, path, null, ofServer: false, cancellationToken);
}
