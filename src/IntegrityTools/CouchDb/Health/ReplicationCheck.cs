using System.Globalization;
using System.Net;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Health;

/// <summary>How well the replications of a database are that its server runs: those of _replicator documents, and those under way without one.</summary>
internal sealed class ReplicationCheck(CouchClient client)
{
    private const string Name = "replication";
    private const int Most = 1000;

    /// <summary>Asks the server.</summary>
    public async Task<HealthCheck> RunAsync(string database, CancellationToken cancellationToken)
    {
        var documents = await client.AskAsync(HttpMethod.Get, $"/_scheduler/docs?limit={Most}", null, ofServer: true, cancellationToken);
        var tasks = await client.AskAsync(HttpMethod.Get, "/_active_tasks", null, ofServer: true, cancellationToken);
        if (documents.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden && !tasks.Succeeded)
        {
            // What nobody has seen is no reason to call a store unwell.
            return new HealthCheck(Name, HealthStatus.Healthy, "Nothing is known against it: the server shows its replications to its admins only.");
        }

        var found = new List<(HealthStatus, string)>();
        var running = 0;
        foreach (var replication in Items(documents.Member("docs")).Where(replication => IsOf(replication, database)))
        {
            var state = replication.Text("state");
            var subject = $"Replication '{replication.Text("doc_id")}' is {state}";
            switch (state)
            {
                case "failed" or "error":
                    found.Add((HealthStatus.Unhealthy, $"{subject}: {Reason(replication)}."));
                    break;
                case "crashing":
                    found.Add((HealthStatus.Degraded, $"{subject} and tried again: {Reason(replication)}."));
                    break;
                default:
                    running++;
                    break;
            }
        }

        var active = Items(tasks.Root).Where(task => task.Text("type") == "replication" && IsOf(task, database)).ToList();
        var pending = active.Sum(task => task.TryGetProperty("changes_pending", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0);
        var healthy = running + active.Count == 0
            ? "The server replicates this database nowhere."
            : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(Math.Max(running, active.Count), "replication")} as it should be, {Counted.Of(pending, "change")} pending.");
        return HealthCheck.Of(Name, healthy, found);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static bool IsOf(JsonElement replication, string database) => Names(replication.Text("source"), database) || Names(replication.Text("target"), database);

    private static bool Names(string? place, string database) =>
        place is not null && Uri.UnescapeDataString(place.TrimEnd('/')) is var plain
        && (plain == database || plain.EndsWith("/" + database, StringComparison.Ordinal));

    private static string Reason(JsonElement replication)
    {
        var text = replication.TryGetProperty("info", out var info) ? info.Text("error") ?? info.ToString() : "no reason is given";
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
