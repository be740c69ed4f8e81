using System.Diagnostics;
using System.Text.Json;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Cli.Tests;

/// <summary>A repair of a real server, killed and put to sleep as a process.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;
    private const int Documents = 120;
    private const int Torn = 40;
    private readonly CliFolder cli = new(20);

    public void Dispose() => cli.Dispose();

    /// <summary>The moments are counted in requests, so that a slow machine has them where a fast one has: all over the run.</summary>
    [SkippableFact]
    public async Task A_repair_killed_at_twenty_random_moments_and_resumed_ends_as_if_never_killed()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync();
        using var proxy = new CuttingProxy(server.Address);
        var (expected, whole) = await RepairUnbrokenAsync(server, proxy);
        var random = new Random(4711);
        var underWay = 0;
        for (var kills = 0; kills < Kills;)
        {
            var database = await PrepareAsync(server);
            var plan = await PlanAsync(proxy.Authority, server.Credentials(), database, "auto");
            var result = await cli.KillAsync(Moment(proxy, whole, random), server.Credentials(), "repair", "--plan", plan, "--confirm", "--output", "json");
            while (result is null)
            {
                kills++;
                var execution = await UnfinishedAsync(plan);
                underWay += execution is null ? 0 : 1;

                // Killed between taking the lease and the first event there is nothing to resume, and the lease of a dead process bars nobody.
                string[] goOn = execution is null ? ["repair", "--plan", plan, "--confirm", "--output", "json"] : ["repair", "--resume", execution, "--confirm", "--output", "json"];
                result = kills < Kills && random.Next(3) > 0
                    ? await cli.KillAsync(Moment(proxy, whole, random), server.Credentials(), goOn)
                    : await cli.RunAsync(server.Credentials(), goOn);
            }

            result.Expect(0);
            Assert.Equal(expected, await server.ReadAsync(database));
        }

        Assert.True(underWay > Kills / 2, $"Only {underWay} of {Kills} kills met a run.");
        (await cli.RunAsync("audit", "verify")).Expect(0);
    }

    [SkippableFact]
    public async Task What_a_backup_killed_half_way_left_is_removed_by_the_resumed_run_and_nothing_else_is()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            """{"_id":"d","_rev":"1-aa","v":0,"_revisions":{"start":1,"ids":["aa"]}}""",
            """{"_id":"d","_rev":"2-bb","v":1,"_attachments":{"a.txt":{"content_type":"text/plain","data":"YQ=="}},"_revisions":{"start":2,"ids":["bb","aa"]}}""",
            """{"_id":"d","_rev":"2-cc","v":2,"_revisions":{"start":2,"ids":["cc","aa"]}}""");

        // The backup is under way for as long as an attachment does not come.
        using var proxy = new FreezingProxy(server.Address);
        var plan = await PlanAsync(proxy.Authority, server.Credentials(), database, "highest_rev");
        proxy.FreezeAt("attachments=true");
        await cli.KillWhenAsync(() => proxy.Frozen && HalfWritten().Length > 0, server.Credentials(), "repair", "--plan", plan, "--confirm");
        proxy.Thaw();
        var left = Assert.Single(HalfWritten());
        var stranger = Path.Combine(Path.GetDirectoryName(left)!, "exec-1.jsonl.4711.tmp");
        await File.WriteAllTextAsync(stranger, "not ours");
        var another = left.Replace(Path.GetFileName(left), "exec-2.jsonl.0123456789ab-4711-99.tmp", StringComparison.Ordinal);
        await File.WriteAllTextAsync(another, "another machine's");

        (await cli.RunAsync(server.Credentials(), ["repair", "--resume", (await UnfinishedAsync(plan))!, "--confirm"])).Expect(0);

        Assert.Equal([stranger, another], HalfWritten());
    }

    /// <summary>
    /// The sleeper's lease is taken away, as its expiry would; another machine repairs its own way; then the sleeper wakes. It falls asleep while
    /// one of its writes is on the way, which arrives when the other is done (the ninth are many kept revisions, the eighth tombstones), or
    /// at a random request.
    /// </summary>
    [SkippableTheory]
    [InlineData(1, 0)]
    [InlineData(8, 0)]
    [InlineData(9, 0)]
    [InlineData(0, 42)]
    [InlineData(0, 43)]
    public async Task A_repair_that_sleeps_past_its_lease_and_wakes_deletes_nothing_that_another_kept(int write, int seed)
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGSTOP: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync();
        var (writes, onTheWay, arrives) = (0, false, new TaskCompletionSource());
        using var proxy = new CuttingProxy(server.Address, async request =>
        {
            if (request.Contains("/_bulk_docs", StringComparison.Ordinal) && ++writes == write)
            {
                onTheWay = true;
                await arrives.Task;
            }

            return Cut.None;
        });
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. Enumerable.Range(0, Torn).SelectMany(TornApart)]);
        var slow = await PlanAsync(proxy.Authority, server.Credentials(), database, "latest_wins");
        var other = OtherMachine(server);
        var kept = string.Empty;
        var sleeper = await cli.SleepThroughAsync(
            write > 0 ? () => onTheWay : Moment(proxy, whole: 12, new Random(seed)),
            async () =>
            {
                // What the sleeper had sent before it slept may arrive a moment later: its lease, too.
                CliResult repaired;
                var attempts = 0;
                do
                {
                    await server.DeleteAsync(database + "/_local/integritytools-lease?rev=" + await LeaseRevisionAsync(server, database));
                    repaired = await cli.RunAsync(other, ["resolve", $"couchdb://{server.Address.Authority}/{database}", "--strategy", "highest_rev", "--confirm"]);
                }
                while (repaired.Code == 4 && ++attempts < 5);
                repaired.Expect(0);
                kept = await server.ReadLeavesAsync(database);
                arrives.SetResult();
            },
            server.Credentials(),
            ["repair", "--plan", slow, "--confirm", "--output", "json"]);
        Assert.True(sleeper.Code is 0 or 1 or 4, $"{sleeper.Code} {sleeper.Error}");
        Assert.True(write == 0 || onTheWay);

        // The other has settled every document: whatever the sleeper still did to a leaf was wrong, whether or not a document is lost by it.
        Assert.Equal(kept, await server.ReadLeavesAsync(database));
        using var all = JsonDocument.Parse(await server.GetAsync(database + "/_all_docs"));
        Assert.Equal(Torn, all.RootElement.GetProperty("total_rows").GetInt32());
        Assert.Empty((await cli.RunAsync(server.Credentials(), ["scan", $"couchdb://{server.Address.Authority}/{database}", "--output", "jsonl"])).Expect(0).Lines);
    }

    /// <summary>A document of which the latest leaf is not the one with the most edits: one strategy keeps what the other discards.</summary>
    private static IEnumerable<string> TornApart(int number) =>
    [
        $$$"""{"_id":"t{{{number:d3}}}","_rev":"1-a","_revisions":{"start":1,"ids":["a"]},"v":"a","dateModified":"2026-01-01T00:00:00Z"}""",
        $$$"""{"_id":"t{{{number:d3}}}","_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]},"v":"b","dateModified":"2026-01-05T00:00:00Z"}""",
        $$$"""{"_id":"t{{{number:d3}}}","_rev":"3-d","_revisions":{"start":3,"ids":["d","c","a"]},"v":"d","dateModified":"2026-01-03T00:00:00Z"}""",
    ];

    private string[] HalfWritten() => [.. Directory.GetFiles(cli.Path, "*.tmp", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>When a run has sent so many requests, and a little later.</summary>
    private static Func<bool> Moment(CuttingProxy proxy, int whole, Random random)
    {
        var (at, later) = (proxy.Requests.Count + random.Next(1, whole + 1), TimeSpan.FromMilliseconds(random.Next(20)));
        Stopwatch? reached = null;
        return () => proxy.Requests.Count >= at && (reached ??= Stopwatch.StartNew()).Elapsed >= later;
    }

    /// <summary>An executor with a ledger of its own: the sleeper may be stopped while it holds the lock of its ledger.</summary>
    private Dictionary<string, string> OtherMachine(CouchDbServer server) =>
        new(server.Credentials()) { ["INTEGRITY_LEDGER"] = Path.Combine(cli.Path, "other", "ledger.db") };

    private static async Task<string> LeaseRevisionAsync(CouchDbServer server, string database)
    {
        try
        {
            using var lease = JsonDocument.Parse(await server.GetAsync(database + "/_local/integritytools-lease"));
            return Uri.EscapeDataString(lease.RootElement.GetProperty("_rev").GetString()!);
        }
        catch (HttpRequestException)
        {
            return string.Empty; // It slept before it had taken the lease, or was done already.
        }
    }

    private static async Task<string> PrepareAsync(CouchDbServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. new RandomTrees(99).Documents(Documents).SelectMany(document => document.Revisions)]);
        return database;
    }

    /// <summary>How the database looks after it, and how many requests it took.</summary>
    private async Task<(string State, int Requests)> RepairUnbrokenAsync(CouchDbServer server, CuttingProxy proxy)
    {
        var database = await PrepareAsync(server);
        var plan = await PlanAsync(proxy.Authority, server.Credentials(), database, "auto");
        var before = proxy.Requests.Count;
        (await cli.RunAsync(server.Credentials(), ["repair", "--plan", plan, "--confirm"])).Expect(0);
        var (repaired, requests) = (await server.ReadAsync(database), proxy.Requests.Count - before);

        // As of a run that was killed when all was done, before it could say so.
        (await cli.RunAsync(server.Credentials(), ["repair", "--plan", plan, "--confirm"])).Expect(0);
        Assert.Equal(repaired, await server.ReadAsync(database));
        return (repaired, requests);
    }

    private Task<string> PlanAsync(CouchDbServer server, string database, string strategy, Dictionary<string, string>? environment = null) =>
        PlanAsync(server.Address.Authority, environment ?? server.Credentials(), database, strategy);

    private async Task<string> PlanAsync(string authority, Dictionary<string, string> environment, string database, string strategy)
    {
        var planned = await cli.RunAsync(environment, ["plan", $"couchdb://{authority}/{database}", "--strategy", strategy, "--output", "json"]);
        return planned.Expect(0).Json.GetProperty("id").GetString()!;
    }

    private async Task<string?> UnfinishedAsync(string plan)
    {
        var reports = (await cli.RunAsync("reports", "list", "--all-stores", "--output", "json")).Expect(0).Json;
        foreach (var execution in reports.GetProperty("executions").EnumerateArray())
        {
            if (execution.GetProperty("plan_id").GetString() == plan && execution.GetProperty("status").GetString() is "running" or "stopped")
            {
                return execution.GetProperty("id").GetString();
            }
        }

        return null;
    }
}
