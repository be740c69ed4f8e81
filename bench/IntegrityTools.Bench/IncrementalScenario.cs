using System.Globalization;
using System.Text.Json;

namespace IntegrityTools.Bench;

/// <summary>Scanning what was changed beside scanning everything.</summary>
internal sealed class IncrementalScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int Changes = 1_000;
    private const string InSession = "Get-IntegrityIssue bench -Incremental";
    private int changed;

    /// <summary>A whole scan, an incremental one after 1,000 changes, a process that does nothing, and the incremental scan where a session has made one before.</summary>
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
                    await ChangeAsync(database, data).ConfigureAwait(false);
                    return [cli.On(database, kept, output, "scan", "bench", "--incremental", "--output", "json")];
                },
                () => Expect(output, Changes)),
            Contender.Of("integrity version", cli.Plain("version")),
        };
        var series = (await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false)).ToList();
        var (whole, incremental, start) = (series[0].Wall, series[1].Wall, series[2].Wall);
        var verdicts = new List<Verdict>
        {
            new("incremental scan beyond process start, against the whole scan beyond it", (incremental - start) / (whole - start), 0.01, "times"),
        };
        var missing = options.Small ? new List<string> { "1,000,000 documents (without --small)" } : [];
        if (Tools.Find("pwsh") is { } pwsh && ModuleSession.Module is { } module)
        {
            series.Add(await InSessionAsync(pwsh, module, cli.On(database, kept, output, "reports", "list", "--output", "json"), database, data).ConfigureAwait(false));
            verdicts.Add(new Verdict("incremental scan where the runtime has started, against the whole scan", series[^1].Wall / (whole - start), 0.01, "times"));
        }
        else
        {
            missing.Add("PowerShell and the built module (run ./build.ps1 first)");
        }

        return new ScenarioResult(
            "incremental",
            string.Create(CultureInfo.InvariantCulture, $"{data.Documents:N0} documents with 1,000 conflicts; before each incremental scan {Changes:N0} documents that follow each other are edited. ")
            + "Both look for the same types. The ledger of the incremental scans is one and grows.",
            series,
            verdicts,
            missing);
    }

    private async Task<Series> InSessionAsync(string pwsh, string module, Command lists, string database, ConflictData data)
    {
        var environment = new Dictionary<string, string>(lists.Environment ?? new Dictionary<string, string>())
        {
            ["INTEGRITY_CONFIG"] = Argument(lists, "--config"),
            ["INTEGRITY_LEDGER"] = Argument(lists, "--ledger"),
        };
        using var session = ModuleSession.Open(pwsh, module, InSession, environment);
        var runs = new List<Measurement>();
        for (var round = 0; round <= options.Runs; round++)
        {
            await ChangeAsync(database, data).ConfigureAwait(false);
            var run = await session.RunAsync().ConfigureAwait(false);
            ProcessMeter.Run(lists);
            using var listed = JsonDocument.Parse(await File.ReadAllBytesAsync(lists.Output!).ConfigureAwait(false));
            Expect(listed.RootElement.GetProperty("scans")[0], Changes);
            if (round > 0)
            {
                runs.Add(run);
            }
        }

        return new Series("incremental scan in a PowerShell that has made one before", [InSession], runs);
    }

    private Task ChangeAsync(string database, ConflictData data) => server.EditAsync(database, ConflictData.Id(changed++ * Changes % data.Documents), Changes);

    private static string Argument(Command command, string option) => command.Arguments[command.Arguments.ToList().IndexOf(option) + 1];

    private static Task Expect(string output, int documents)
    {
        using var answer = JsonDocument.Parse(File.ReadAllBytes(output));
        Expect(answer.RootElement.GetProperty("scan"), documents);
        return Task.CompletedTask;
    }

    private static void Expect(JsonElement scan, int documents)
    {
        if (scan.GetProperty("documents").GetInt32() is var seen && seen != documents)
        {
            throw new InvalidOperationException($"The scan looked at {seen} documents instead of {documents}.");
        }
    }
}
