using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups of a database of a test's own, and what a restored one has to show.</summary>
internal static class CouchBackups
{
    public const string Attached = "\"x\":1,\"_attachments\":{\"a b\":{\"content_type\":\"text/plain\",\"revpos\":1,\"data\":\"aGVsbG8gd29ybGQ=\"}}";

    public static string[] Revisions =>
    [
        .. new RandomTrees(7).Documents(40).SelectMany(document => document.Revisions),
        ServerScanTests.Doc("with file", 1, ["a"], Attached),
        ServerScanTests.Doc("gone", 2, ["b", "a"], "\"_deleted\":true,\"why\":\"kept\""),
        ServerScanTests.Doc("number", 1, ["a"], "\"n\":1.0,\"big\":9007199254740993,\"text\":\"\\u00e4\""),
        ServerScanTests.Doc("_design/d", 1, ["a"], "\"views\":{}"),
    ];

    public static string Folder(this ServerPlace place) => place.Place.PathOf("backups");

    public static Task<BackupManifest> BackUpAsync(this ServerPlace place, bool incremental = false, bool compress = true, bool local = false) =>
        place.Place.Engine.Backups.CreateAsync(
            new BackupOptions
            {
                Store = place.Store,
                Credential = place.Server.Credential,
                Folder = place.Folder(),
                Incremental = incremental,
                Compress = compress,
                IncludeLocal = local,
            },
            default);

    public static Task<RestoreReport> RestoreAsync(
        this ServerPlace place, BackupManifest backup, string database, bool overwrite = false, bool dryRun = false, params string[] subjects) =>
        place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = backup.Path,
                Store = place.StoreOf(database),
                Credential = place.Server.Credential,
                Overwrite = overwrite,
                DryRun = dryRun,
                Subjects = subjects,
            },
            default);

    /// <summary>Takes a restore back; expects each operation to end so.</summary>
    public static async Task<List<RepairResult>> UndoAsync(this ServerPlace place, RestoreReport report, OperationOutcome expected = OperationOutcome.Applied)
    {
        var plan = await place.Place.Engine.PlanUndoAsync(report.ExecutionId!, place.Server.Credential, record: true, default);
        var results = await place.Place.RunAsync(plan);
        Assert.All(results, result => Assert.True(result.Outcome == expected, $"{result.Subject}: {result.Outcome} {result.Message}"));
        return results;
    }

    /// <summary>What a reader finds: the member x of each document's live leaves, the winner first.</summary>
    public static async Task<SortedDictionary<string, string>> BodiesAsync(this ServerPlace place, string database)
    {
        var bodies = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in (await place.LeavesAsync(database)).Keys)
        {
            using var answer = JsonDocument.Parse(await place.Server.PostAsync($"{database}/_all_docs?conflicts=true&include_docs=true", $"{{\"keys\":[{JsonSerializer.Serialize(id)}]}}"));
            var row = answer.RootElement.GetProperty("rows")[0];
            if (!row.TryGetProperty("doc", out var winner) || winner.ValueKind == JsonValueKind.Null)
            {
                bodies[id] = "";
                continue;
            }

            var texts = new List<string> { Text(winner) };
            foreach (var conflict in winner.TryGetProperty("_conflicts", out var others) ? others.EnumerateArray().ToList() : [])
            {
                using var loser = JsonDocument.Parse(await place.Server.GetAsync($"{database}/{Uri.EscapeDataString(id)}?rev={conflict.GetString()}"));
                texts.Add(Text(loser.RootElement));
            }

            bodies[id] = string.Join('|', texts);
        }

        return bodies;
    }

    private static string Text(JsonElement document) => document.TryGetProperty("x", out var x) ? x.GetRawText() : "-";

    public static Task<BackupVerification> TestAsync(this ServerPlace place, BackupManifest backup, string? server = null) =>
        place.Place.Engine.Backups.TestAsync(backup.Path, server, place.Server.Credential, default);

    public static string StoreOf(this ServerPlace place, string database) => $"couchdb://{place.Server.Address.Authority}/{database}";

    /// <summary>Every leaf with its history and body, with the attachments' data: what two equal databases have in common.</summary>
    public static async Task<SortedDictionary<string, string>> LeavesAsync(this ServerPlace place, string database)
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var feed = JsonDocument.Parse(await place.Server.GetAsync($"{database}/_changes?style=all_docs"));
        foreach (var row in feed.RootElement.GetProperty("results").EnumerateArray())
        {
            var id = row.GetProperty("id").GetString()!;
            using var leaves = JsonDocument.Parse(await place.Server.PostAsync(
                $"{database}/_bulk_get?revs=true&attachments=true", $"{{\"docs\":[{{\"id\":{JsonSerializer.Serialize(id)}}}]}}"), new JsonDocumentOptions { MaxDepth = int.MaxValue });
            state[id] = string.Join('\n', leaves.RootElement.GetProperty("results")[0].GetProperty("docs").EnumerateArray()
                .Select(leaf => leaf.GetProperty("ok").GetRawText()).Order(StringComparer.Ordinal));
        }

        return state;
    }
}
