using System.Net;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>
/// The <c>_local</c> documents by which the workers of one name see each other: a plan a scan, and a document a worker. The scan's id stands in
/// their names, so that who slept through its end touches nothing of the next one.
/// </summary>
internal sealed class SharedBoard(CouchClient client, string name)
{
    private const string Prefix = "integritytools-scan-";
    private const string PlanName = "plan";

    // A _local document has no history: any revision deletes it.
    private const string AnyRevision = "0-1";

    /// <summary>What stands there now of this name, by scan.</summary>
    public async Task<IReadOnlyList<SharedState>> ReadAsync(CancellationToken cancellationToken)
    {
        // '.' is the character behind '-'. The documents of a scan whose name begins with this one stand among them.
        var (plans, workers) = await ListAsync($"{Prefix}{name}-", $"{Prefix}{name}.", onlyOurs: false, cancellationToken);
        return States(plans.FindAll(plan => plan.Name == name), workers.FindAll(worker => worker.Name == name));
    }

    /// <summary>What stands there now of other names, by scan; what is none of ours is left out.</summary>
    public async Task<IReadOnlyList<SharedState>> ReadOthersAsync(CancellationToken cancellationToken)
    {
        var (plans, workers) = await ListAsync(Prefix, Prefix[..^1] + '.', onlyOurs: true, cancellationToken);
        return States(plans.FindAll(plan => plan.Name != name), workers.FindAll(worker => worker.Name != name));
    }

    /// <summary>Writes a plan.</summary>
    public Task WriteAsync(SharedPlan plan, CancellationToken cancellationToken) =>
        WriteAsync(NameOf(name, plan.ScanId, PlanName), JsonSerializer.SerializeToUtf8Bytes(plan, SharedJson.Default.SharedPlan), cancellationToken);

    /// <summary>Writes a worker's own document.</summary>
    public Task WriteAsync(SharedWorker worker, CancellationToken cancellationToken) =>
        WriteAsync(NameOf(name, worker.ScanId, worker.Run.Nonce), JsonSerializer.SerializeToUtf8Bytes(worker, SharedJson.Default.SharedWorker), cancellationToken);

    /// <summary>Removes a worker's own document; nothing happens when it is not there.</summary>
    public Task RemoveAsync(SharedWorker worker, CancellationToken cancellationToken) =>
        client.Members.DeleteLocalAsync(NameOf(worker.Name, worker.ScanId, worker.Run.Nonce), AnyRevision, cancellationToken);

    /// <summary>Removes a scan's documents, the plan first: nobody begins to take part in a scan whose workers are forgotten.</summary>
    public async Task RemoveAsync(SharedState scan, CancellationToken cancellationToken)
    {
        if (scan.Plan is { } plan)
        {
            await client.Members.DeleteLocalAsync(NameOf(plan.Name, scan.ScanId, PlanName), AnyRevision, cancellationToken);
        }

        foreach (var worker in scan.Workers)
        {
            await RemoveAsync(worker, cancellationToken);
        }
    }

    private static IReadOnlyList<SharedState> States(List<SharedPlan> plans, List<SharedWorker> workers) =>
    [
        .. plans.Select(plan => plan.ScanId).Union(workers.Select(worker => worker.ScanId), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(scan => new SharedState(scan, plans.Find(plan => plan.ScanId == scan), workers.FindAll(worker => worker.ScanId == scan))),
    ];

    private async Task<(List<SharedPlan> Plans, List<SharedWorker> Workers)> ListAsync(string from, string before, bool onlyOurs, CancellationToken cancellationToken)
    {
        var path = $"/_local_docs?include_docs=true&startkey=%22_local/{from}%22&endkey=%22_local/{before}%22";
        var answer = await client.AskAsync(HttpMethod.Get, path, null, ofServer: false, cancellationToken);
        if (!answer.Succeeded || answer.Member("rows") is not { ValueKind: JsonValueKind.Array } rows)
        {
            throw new IntegrityException(
                answer.Status switch
                {
                    HttpStatusCode.Unauthorized => ErrorIds.LoginRefused,
                    HttpStatusCode.Forbidden => ErrorIds.AccessDenied,
                    _ => ErrorIds.UnexpectedAnswer,
                },
                $"The documents of the shared scan '{name}' cannot be listed: {answer.Failure}", client.Store, "Scan without sharing, or with a name that may write to the database.");
        }

        var plans = new List<SharedPlan>();
        var workers = new List<SharedWorker>();
        foreach (var row in rows.EnumerateArray())
        {
            var document = row.GetProperty("doc");
            try
            {
                if (row.GetProperty("id").GetString()!.EndsWith("-" + PlanName, StringComparison.Ordinal))
                {
                    plans.Add(document.Deserialize(SharedJson.Default.SharedPlan)!);
                }
                else
                {
                    workers.Add(document.Deserialize(SharedJson.Default.SharedWorker)!);
                }
            }
            catch (JsonException) when (onlyOurs)
            {
                // Another program's, or of a version that writes others: nothing of ours to remove.
            }
            catch (JsonException exception)
            {
                throw new IntegrityException(
                    ErrorIds.UnexpectedAnswer, $"The document {document.GetProperty("_id")} is none of a shared scan: {exception.Message}", client.Store,
                    "Delete it, unless another program needs it.", exception);
            }
        }

        return (plans, workers);
    }

    private static string NameOf(string name, string scan, string what) => $"{Prefix}{name}-{scan}-{what}";

    private async Task WriteAsync(string document, byte[] json, CancellationToken cancellationToken)
    {
        if (!await client.Members.PutLocalAsync(document, new RawJson(json), cancellationToken))
        {
            throw new IntegrityException(
                ErrorIds.UnexpectedAnswer, $"The server does not take _local/{document}, as if somebody else were writing it.", client.Store, "Run this again.");
        }
    }
}
