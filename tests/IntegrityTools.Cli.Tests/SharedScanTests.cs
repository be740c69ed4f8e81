using System.Text.Json;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>Scans that several processes share, of which some are killed and some put to sleep.</summary>
public sealed class SharedScanTests : IDisposable
{
    private const int Documents = 4200;
    private readonly CliFolder cli = new(20);

    public SharedScanTests() => File.WriteAllText(cli.At("integrity.yaml"), "ledger:\n  path: ledger.db\nvalidation:\n  required_fields: { Task: [title] }\n");

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task Three_processes_of_which_one_is_killed_find_together_what_one_finds()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var (server, database) = await FillAsync();
        var expected = Ids(await cli.RunAsync(Ledger(server, "alone"), Scan(server, database)));
        var shared = Scan(server, database, "--shared", "nightly");

        // So slow that it is killed in the middle of a part, when it has done others; these are in its ledger, and nowhere else.
        var begun = new TaskCompletionSource();
        string? nonce = null;
        var victim = cli.KillWhenAsync(
            () =>
            {
                var workers = Workers(server, database);
                nonce ??= workers.Select(Nonce).FirstOrDefault();
                var first = workers.FirstOrDefault(worker => Nonce(worker) == nonce);
                var some = first.ValueKind == JsonValueKind.Object && first.GetProperty("done").GetArrayLength() > 0;
                if (some)
                {
                    begun.TrySetResult();
                }

                return some && workers.Count == 3 && first.TryGetProperty("claim", out _);
            },
            Ledger(server, "first"), [.. shared, "--requests-per-second", "4"]);
        await Task.WhenAny(begun.Task, victim);
        var rest = await Task.WhenAll(cli.RunAsync(Ledger(server, "second"), shared), cli.RunAsync(Ledger(server, "third"), shared));
        await victim;

        var found = rest.SelectMany(Ids).ToList();
        Assert.Equal(found.Distinct(), found);
        var scan = rest[0].Json.GetProperty("scan").GetProperty("scan_id").GetString()!;
        var listed = (await cli.RunAsync(Ledger(server, "first"), ["issues", "list", "--all-stores", "--output", "jsonl"])).Expect(0);
        var recorded = listed.JsonLines.Where(issue => issue.GetProperty("scan_id").GetString() == scan).Select(issue => issue.GetProperty("id").GetString()!).ToList();
        Assert.NotEmpty(recorded);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Union(recorded).Order(StringComparer.Ordinal));
        Assert.Empty(Locals(server, database));
        Assert.Contains("parts of 'nightly' were scanned here", rest[0].Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_process_that_is_put_to_sleep_past_its_time_finds_the_scan_ended_and_writes_nothing()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGSTOP: Windows has no such signal.");
        await File.AppendAllTextAsync(cli.At("integrity.yaml"), "performance:\n  shared_scan_lease: 2s\n");
        var (server, database) = await FillAsync();
        var expected = Ids(await cli.RunAsync(Ledger(server, "alone"), Scan(server, database)));
        var shared = Scan(server, database, "--shared", "nightly");
        List<string> found = [];

        var sleeper = await cli.SleepThroughAsync(
            () => Workers(server, database).Exists(worker => worker.TryGetProperty("claim", out _) && worker.GetProperty("done").GetArrayLength() > 0),
            async () =>
            {
                found.AddRange(Ids(await cli.RunAsync(Ledger(server, "second"), shared)));
                Assert.Empty(Locals(server, database));
            },
            Ledger(server, "first"), [.. shared, "--requests-per-second", "8"]);

        found.AddRange(Ids(sleeper));
        Assert.Contains("lay still", sleeper.Error, StringComparison.Ordinal);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Locals(server, database));
    }

    [SkippableFact]
    public async Task Help_and_refusals_name_what_can_be_shared()
    {
        Assert.Contains("--shared <NAME>", (await cli.RunAsync("scan", "--help")).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("one process", (await cli.RunAsync("scan", "couchdump:demo.jsonl", "--shared", "nightly")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("leave STORE", (await cli.RunAsync("scan", "--resume", "scan-1", "--shared", "nightly")).Expect(2).Error, StringComparison.Ordinal);
    }

    private static string[] Scan(CouchDbServer server, string database, params string[] more) =>
        ["scan", $"couchdb://{server.Address.Authority}/{database}", "--type", "validation,conflicts,duplicates", "--output", "json", .. more];

    private static List<string> Ids(CliResult result) =>
        [.. result.Expect(0).Json.GetProperty("issues").EnumerateArray().Select(issue => issue.GetProperty("id").GetString()!)];

    private static string? Nonce(JsonElement worker) => worker.GetProperty("run").GetProperty("nonce").GetString();

    // Asked by a condition that a process is watched with, which does not wait.
    private static List<JsonElement> Locals(CouchDbServer server, string database) =>
        [.. JsonDocument.Parse(server.GetAsync(database + "/_local_docs?include_docs=true").GetAwaiter().GetResult()).RootElement.GetProperty("rows").EnumerateArray()];

    private static List<JsonElement> Workers(CouchDbServer server, string database) =>
        [.. Locals(server, database).Select(row => row.GetProperty("doc")).Where(document => document.TryGetProperty("run", out _))];

    private Dictionary<string, string> Ledger(CouchDbServer server, string name) => new()
    {
        ["INTEGRITY_LEDGER"] = cli.At(name + ".db"),
        ["INTEGRITY_USER"] = server.Credential?.UserName ?? "",
        ["INTEGRITY_PASSWORD"] = server.Credential?.Password ?? "",
    };

    private static async Task<(CouchDbServer Server, string Database)> FillAsync()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        foreach (var chunk in Enumerable.Range(0, Documents).Chunk(700))
        {
            await server.InsertAsync(database, [.. chunk.SelectMany(number => number % 50 == 0 ? [Doc(number, "b"), Doc(number, "c")] : new[] { Doc(number, "b") })]);
        }

        return (server, database);
    }

    private static string Doc(int number, string hash) =>
        $$"""{"_id":"d{{number:D5}}","_rev":"2-{{hash}}","_revisions":{"start":2,"ids":["{{hash}}","a"]},"@type":"Task","identifier":{{(number % 90 == 3 ? 3 : number)}},"{{(number % 20 == 1 ? "none" : "title")}}":"{{hash}}"}""";
}
