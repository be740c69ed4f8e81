using System.Globalization;
using System.Text.Json;

namespace IntegrityTools.Bench;

/// <summary>Repairing conflicts: <c>integrity resolve --scan</c> beside the bare writes that carry the same bytes.</summary>
internal sealed class RepairScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const string Database = "bench-repair";
    private readonly ConflictData data = new(7_500, 2_500);

    /// <summary>Each run gets a database loaded anew: a repaired one cannot be repaired again.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var contenders = new List<Contender>();
        if (!options.PeersOnly)
        {
            contenders.Add(Integrity());
        }

        contenders.Add(Curl(100));
        contenders.Add(Curl(500));
        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        await server.DropAsync(Database).ConfigureAwait(false);
        var losers = data.Conflicted().Sum(index => data.Leaves(index).Count - 1);
        var verdicts = options.PeersOnly
            ? []
            : series.Skip(1).Select(peer => new Verdict($"wall time against {peer.Name}", series[0].Wall / peer.Wall, 2, "times")).ToArray();
        return new ScenarioResult(
            "repair",
            string.Create(CultureInfo.InvariantCulture, $"Planning and repairing 2,500 conflicts (by merge; {losers:N0} losing leaves removed) ")
            + "in a database of 7,500 documents loaded anew before each run. integrity: "
            + "one process, from the issues of an earlier scan to the last record, with backup, ledger and verification. curl: the merged bodies and then the tombstones of each batch through _bulk_docs, in one process.",
            series, verdicts, []);
    }

    private Contender Integrity()
    {
        var cli = IntegrityCli.Publish(server, scratch);
        var issues = Path.Combine(scratch, "issues.jsonl");
        return new Contender(
            "integrity plan + repair",
            async () =>
            {
                await LoadAsync().ConfigureAwait(false);
                var ledger = cli.NewLedger();
                ProcessMeter.Run(cli.On(Database, ledger, issues, "scan", "bench", "--output", "jsonl"));
                return [cli.On(Database, ledger, Path.Combine(scratch, "repair.json"), "resolve", "--scan", ScanOf(issues), "--strategy", "auto", "--confirm", "--output", "json")];
            },
            CheckAsync);
    }

    private static string ScanOf(string issues)
    {
        using var first = JsonDocument.Parse(File.ReadLines(issues).First());
        return first.RootElement.GetProperty("scan_id").GetString()!;
    }

    private Contender Curl(int batchSize)
    {
        var config = new CurlConfig(server);
        foreach (var (number, batch) in data.Conflicted().Chunk(batchSize).Index())
        {
            Add("winners", batch.Select(data.Merged));
            Add("tombstones", batch.SelectMany(data.Tombstones));

            void Add(string what, IEnumerable<byte[]> documents)
            {
                var file = Path.Combine(scratch, string.Create(CultureInfo.InvariantCulture, $"{what}-{batchSize}-{number}.json"));
                File.WriteAllBytes(file, CouchServer.BulkDocs(documents, newEdits: true));
                config.Add($"{Database}/_bulk_docs", file, Path.ChangeExtension(file, ".answer"));
            }
        }

        var command = config.Save(Path.Combine(scratch, string.Create(CultureInfo.InvariantCulture, $"repair-{batchSize}.curl")));
        return new Contender(
            string.Create(CultureInfo.InvariantCulture, $"curl _bulk_docs, batches of {batchSize}"),
            async () =>
            {
                await LoadAsync().ConfigureAwait(false);
                return [command];
            },
            CheckAsync);
    }

    private async Task LoadAsync()
    {
        await server.DropAsync(Database).ConfigureAwait(false);
        await server.LoadAsync(data, Database).ConfigureAwait(false);
    }

    private async Task CheckAsync()
    {
        var left = await server.CountConflictsAsync(Database).ConfigureAwait(false);
        if (left != 0)
        {
            throw new InvalidOperationException($"{left} documents are still in conflict.");
        }
    }
}
