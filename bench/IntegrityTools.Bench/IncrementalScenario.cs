using System.Globalization;
using System.Text.Json;

namespace IntegrityTools.Bench;

/// <summary>Scanning what was changed beside scanning everything.</summary>
internal sealed class IncrementalScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int Changes = 1_000;
    private int changed;

    /// <summary>A whole scan, an incremental one after 1,000 changes, and a process that does nothing.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var data = new ConflictData(options.Small ? 100_000 : 1_000_000, 1_000, seed: 2);
        var database = await server.LoadAsync(data).ConfigureAwait(false);
        var cli = IntegrityCli.Publish(server, scratch);
        var output = Path.Combine(scratch, "incremental.json");
        var kept = cli.NewLedger();
        ProcessMeter.Run(cli.On(database, kept, output, "scan", "bench", "--output", "json"));
        var contenders = new List<Contender>
        {
            new("whole scan",
                () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), output, "scan", "bench", "--output", "json")]),
                () => Expect(output, data.Documents)),
            new("incremental scan",
                async () =>
                {
                    await server.EditAsync(database, ConflictData.Id(changed++ * Changes % data.Documents), Changes).ConfigureAwait(false);
                    return [cli.On(database, kept, output, "scan", "bench", "--incremental", "--output", "json")];
                },
                () => Expect(output, Changes)),
            Contender.Of("integrity version", cli.Plain("version")),
        };
        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var (whole, incremental, start) = (series[0].Wall, series[1].Wall, series[2].Wall);
        return new ScenarioResult(
            "incremental",
            string.Create(CultureInfo.InvariantCulture, $"{data.Documents:N0} documents with 1,000 conflicts; before each incremental scan {Changes:N0} documents that follow each other are edited. ")
            + "Both look for the same types. The ledger of the incremental scans is one and grows.",
            series,
            [new Verdict("incremental scan beyond process start, against the whole scan beyond it", (incremental - start) / (whole - start), 0.01, "times")],
            options.Small ? ["1,000,000 documents (without --small)"] : []);
    }

    private static Task Expect(string output, int documents)
    {
        using var answer = JsonDocument.Parse(File.ReadAllBytes(output));
        var seen = answer.RootElement.GetProperty("scan").GetProperty("documents").GetInt32();
        return seen == documents
            ? Task.CompletedTask
            : throw new InvalidOperationException($"The scan looked at {seen} documents instead of {documents}.");
    }
}
