namespace IntegrityTools.Bench;

/// <summary>Validating a whole database (bodies, references and schemas) beside curl, which only reads the bodies.</summary>
internal sealed class ValidationScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int Documents = 100_000;
    private const int Faults = 100;
    private const int FewDocuments = 10_000;
    private const string Few = "integrity scan --type all, 10,000 documents";
    private const string Healthy = "integrity scan --type all, 100,000 right documents";
    private const string Ours = "integrity scan --type validation";
    private const string Curl = "curl, the bodies";

    /// <summary>Validates 100,000 documents.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var data = new ValidationData(Documents, Faults);
        var database = await server.LoadAsync(data.Name, [data.Documents()]).ConfigureAwait(false);
        var contenders = new List<Contender>();
        var missing = new List<string>();
        if (!options.PeersOnly)
        {
            contenders.Add(Validate(database));
            contenders.Add(await AllAsync(Few, FewDocuments).ConfigureAwait(false));
            contenders.Add(await AllAsync(Healthy, Documents).ConfigureAwait(false));
        }

        if (Tools.Find("curl") is null)
        {
            missing.Add(Curl);
        }
        else
        {
            var output = Path.Combine(scratch, "bodies.json");
            var config = new CurlConfig(server).Add($"{database}/_all_docs?include_docs=true", null, output);
            contenders.Add(Contender.Of(Curl, config.Save(Path.Combine(scratch, "bodies.curl"))) with
            {
                Check = () => Expect(Curl, File.ReadLines(output).Count(line => line.Contains("\"doc\":", StringComparison.Ordinal)), Documents),
            });
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = new List<Verdict>();
        if (series.FirstOrDefault(one => one.Name == Ours) is { } ours)
        {
            if (series.FirstOrDefault(one => one.Name == Curl) is { } curl)
            {
                verdicts.Add(new Verdict($"wall time against {Curl}", ours.Wall / curl.Wall, 1.3, "times"));
            }

            verdicts.Add(new Verdict("peak resident memory", ours.PeakMegabytes, 150, "MB"));
        }

        if (series.FirstOrDefault(one => one.Name == Few) is { } few)
        {
            verdicts.Add(new Verdict("wall time of 10,000 documents with everything on", few.Wall, 30, "s"));
        }

        return new ScenarioResult(
            "validation",
            "Required fields, types, references and schemas of 100,000 documents, of which 100 refer to nothing and 100 do not fit their schema. curl reads the same list of "
            + "documents with bodies, in one request, and looks at nothing. Everything on: conflicts, duplicates, validation and storage, of documents with nothing wrong, of which none may be found.",
            series, verdicts, missing);
    }

    /// <summary>All that can be looked for, in right documents: whatever is found of them is a false positive.</summary>
    private async Task<Contender> AllAsync(string name, int documents)
    {
        var data = new ValidationData(documents, 0);
        var database = await server.LoadAsync(data.Name, [data.Documents()]).ConfigureAwait(false);
        var cli = IntegrityCli.Publish(server, scratch, ValidationData.Settings(Path.Combine(scratch, "schemas")));
        var output = Path.Combine(scratch, $"all-{documents}.jsonl");
        return new Contender(
            name,
            () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), output, "scan", "bench", "--type", "all", "--output", "jsonl")]),
            () => Expect(name, File.ReadLines(output).Count(line => line.Contains("\"kind\":\"document\"", StringComparison.Ordinal) || line.Contains("\"kind\":\"duplicate\"", StringComparison.Ordinal)), 0));
    }

    private Contender Validate(string database)
    {
        var cli = IntegrityCli.Publish(server, scratch, ValidationData.Settings(Path.Combine(scratch, "schemas")));
        var output = Path.Combine(scratch, "faults.jsonl");
        return new Contender(
            Ours,
            () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), output, "scan", "bench", "--type", "validation", "--output", "jsonl")]),
            () => Expect(Ours, File.ReadLines(output).Count(), 2 * Faults));
    }

    private static Task Expect(string who, int found, int expected) => found == expected
        ? Task.CompletedTask
        : throw new InvalidOperationException($"{who} found {found} instead of {expected}.");
}
