using System.Net;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>Reads a document from each copy of each shard of its database, past the cluster that would merge them. The copies themselves are shown to admins of the server only.</summary>
internal sealed class ShardReader(CouchClient client)
{
    /// <summary>What each copy holds, by range; empty when the server does not tell.</summary>
    public async Task<IReadOnlyList<ShardCopy>> ReadAsync(string id, CancellationToken cancellationToken)
    {
        // No URL can carry these two ids.
        if (id is "." or "..")
        {
            return [];
        }

        var info = await client.OpenAsync(cancellationToken);
        var shards = await GetAsync("/_shards", ofServer: false, cancellationToken);
        if (shards.Member("shards") is not { ValueKind: JsonValueKind.Object } ranges)
        {
            return [];
        }

        var home = (await GetAsync($"/_shards/{Uri.EscapeDataString(id)}", ofServer: false, cancellationToken)).Text("range");
        var copies = new List<ShardCopy>();
        foreach (var range in ranges.EnumerateObject().OrderBy(range => range.Name, StringComparer.Ordinal))
        {
            foreach (var node in range.Value.EnumerateArray().Select(node => node.GetString()!))
            {
                var shard = Uri.EscapeDataString($"shards/{range.Name}/{info.Name}.{info.Incarnation}");
                var answer = await GetAsync($"/_node/{Uri.EscapeDataString(node)}/{shard}/{Uri.EscapeDataString(id)}", ofServer: true, cancellationToken);
                copies.Add(new ShardCopy(range.Name, node, range.Name == home, answer.Text("_rev"), answer.Succeeded ? null : Reason(answer)));
            }
        }

        return copies;
    }

    private static string Reason(ServerAnswer answer) => answer.Status switch
    {
        HttpStatusCode.NotFound => answer.Reason ?? "missing",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "only an admin of the server may look",
        _ => answer.Failure,
    };

    private Task<ServerAnswer> GetAsync(string path, bool ofServer, CancellationToken cancellationToken) =>
        client.AskAsync(HttpMethod.Get, path, null, ofServer, cancellationToken);
}
