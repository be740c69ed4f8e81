using System.Text;

namespace IntegrityTools.Bench;

/// <summary>Finding the conflicts of a database: <c>integrity scan</c> beside curl, couchbackup and a user's PowerShell.</summary>
internal sealed class ScanScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int FetchBatch = 100;

    /// <summary>Scans and its peers on 100,000 documents.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var data = Standard();
        var database = await server.LoadAsync(data).ConfigureAwait(false);
        var contenders = new List<Contender>();
        var missing = new List<string>();
        if (!options.PeersOnly)
        {
            contenders.Add(Scan(database, "integrity scan"));
        }

        Peer(contenders, missing, "curl, same bytes", Tools.Find("curl"), _ => Curl(data, database));
        Peer(contenders, missing, "couchbackup", Tools.CouchBackup, program => CouchBackup(program, database));
        Peer(contenders, missing, "PowerShell script", Tools.Find("pwsh"), program => PowerShell(program, database));
        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = new List<Verdict>();
        if (series.FirstOrDefault(one => one.Name == "integrity scan") is { } ours)
        {
            void Add(string peer, double target)
            {
                if (series.FirstOrDefault(one => one.Name == peer) is { } other)
                {
                    verdicts.Add(new Verdict($"wall time against {peer}", ours.Wall / other.Wall, target, "times"));
                }
            }

            Add("curl, same bytes", 1.25);
            Add("couchbackup", 1 / 4.0);
            Add("PowerShell script", 1 / 8.0);
        }

        return new ScenarioResult(
            "scan",
            "Finding 2,500 conflicts (2 to 5 leaves) among 100,000 documents of some 330 bytes. curl fetches the same leaf feed and the same "
            + "conflicting leaves by the same requests, documents in batches of 100, in one process, and looks at nothing; couchbackup saves the whole database with its defaults, "
            + "winners and losing leaves alike.",
            series, verdicts, missing);
    }

    /// <summary>The peak memory of scans at growing sizes.</summary>
    public async Task<ScenarioResult> MemoryAsync()
    {
        var contenders = new List<Contender> { Scan(await server.LoadAsync(Standard()).ConfigureAwait(false), "100,000 documents") };
        if (options.Large)
        {
            var large = await server.LoadAsync(new ConflictData(1_000_000, 1_000)).ConfigureAwait(false);
            contenders.Add(Scan(large, "1,000,000 documents"));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = new List<Verdict> { new("peak resident memory at 100,000 documents", series[0].PeakMegabytes, 120, "MB") };
        if (options.Large)
        {
            verdicts.Add(new Verdict("peak at 1,000,000 against 100,000", series[1].PeakMegabytes / series[0].PeakMegabytes, 1.1, "times"));
        }

        return new ScenarioResult(
            "memory",
            "The peak resident memory of the process of integrity scan: 100,000 documents with 2,500 conflicts, 1,000,000 with 1,000.",
            series, verdicts, options.Large ? [] : ["1,000,000 documents (only with --large)"]);
    }

    private static ConflictData Standard() => new(100_000, 2_500);

    private static void Peer(List<Contender> contenders, List<string> missing, string name, string? program, Func<string, Contender> make)
    {
        if (program is null)
        {
            missing.Add(name);
        }
        else
        {
            contenders.Add(make(program) with { Name = name });
        }
    }

    private Contender Scan(string database, string name)
    {
        var cli = IntegrityCli.Publish(server, scratch);
        var output = Path.Combine(scratch, $"issues-{database}.jsonl");
        var expected = int.Parse(database.Split('-')[3], System.Globalization.CultureInfo.InvariantCulture);
        return new Contender(
            name,
            () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), output, "scan", "bench", "--output", "jsonl")]),
            () => Expect(name, File.ReadLines(output).Count(), expected));
    }

    private Contender Curl(ConflictData data, string database)
    {
        var feed = Path.Combine(scratch, "feed.json");
        var config = new CurlConfig(server).Add($"{database}/_changes?style=all_docs&seq_interval=1000", null, feed);
        foreach (var (number, batch) in data.Conflicted().Chunk(FetchBatch).Index())
        {
            var wanted = batch.Select(index => $$"""{"id":"{{ConflictData.Id(index)}}"}""");
            var body = Path.Combine(scratch, $"get-{number}.json");
            File.WriteAllText(body, $$"""{"docs":[{{string.Join(',', wanted)}}]}""");
            config.Add($"{database}/_bulk_get?revs=true", body, Path.Combine(scratch, $"leaves-{number}.json"));
        }

        var leaves = data.Conflicted().Sum(index => data.Leaves(index).Count);
        return Contender.Of("", config.Save(Path.Combine(scratch, "scan.curl"))) with
        {
            Check = () => Expect("curl", Directory.GetFiles(scratch, "leaves-*.json").Sum(Documents), leaves),
        };
    }

    private Contender CouchBackup(string program, string database)
    {
        var output = Path.Combine(scratch, "backup.jsonl");
        return Contender.Of("", new Command(
            program, ["--db", database], output, new Dictionary<string, string> { ["COUCH_URL"] = server.WithCredentials, ["TMPDIR"] = scratch }));
    }

    private Contender PowerShell(string program, string database)
    {
        var output = Path.Combine(scratch, "conflicts.txt");
        var environment = new Dictionary<string, string>
        {
            ["COUCH_DATABASE"] = new Uri(server.Address, database).ToString(),
            ["COUCH_USER"] = server.User,
            ["COUCH_PASSWORD"] = server.Password,
            ["NO_COLOR"] = "1",
        };
        var script = Path.Combine(Tools.Root, "bench", "peers", "find-conflicts.ps1");
        return Contender.Of("", new Command(program, ["-NoProfile", "-File", script], output, environment)) with
        {
            Check = () => Expect("the PowerShell script", File.ReadLines(output).Count(), 2_500),
        };
    }

    private static int Documents(string file) => Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split("\"ok\":").Length - 1;

    private static Task Expect(string who, int found, int expected) => found == expected
        ? Task.CompletedTask
        : throw new InvalidOperationException($"{who} found {found} instead of {expected}.");
}
