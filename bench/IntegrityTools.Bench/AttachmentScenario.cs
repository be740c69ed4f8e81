using System.Globalization;
using System.Text;

namespace IntegrityTools.Bench;

/// <summary>Saving and restoring documents with attachments, beside couchbackup and couchrestore with their option <c>--attachments</c>, which its authors call experimental.</summary>
internal sealed class AttachmentScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const string Target = "bench-attachments-restored";
    private const int Small = 100 * 1024;
    private const int Large = 20 * 1024 * 1024;
    private const int MostMegabytes = 250;
    private readonly int many = options.Small ? 200 : 2_000;
    private readonly int few = options.Small ? 1 : 10;
    private int folders;

    /// <summary>Runs it.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var database = await server.LoadAsync(string.Create(CultureInfo.InvariantCulture, $"bench-attachments-{many}-{few}"), Waves()).ConfigureAwait(false);
        var wanted = await server.AttachmentsAsync(database).ConfigureAwait(false);
        var contenders = new List<Contender>();
        if (!options.PeersOnly)
        {
            var cli = IntegrityCli.Publish(server, scratch);
            contenders.Add(new Contender(
                "integrity backup", () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), null, "backup", "bench", "--to", NewFolder())])));
            contenders.Add(new Contender(
                "integrity restore",
                async () =>
                {
                    await server.DropAsync(Target).ConfigureAwait(false);
                    return [cli.On(Target, cli.NewLedger(), null, "restore", Folder, "--to", "bench", "--confirm")];
                },
                () => CheckAsync(wanted)));
        }

        var peer = Tools.CouchBackup is { } program && Path.Combine(Path.GetDirectoryName(program)!, "couchrestore") is var restore && File.Exists(restore) && !OperatingSystem.IsWindows()
            ? (program, restore) : ((string Backup, string Restore)?)null;
        if (peer is { } programs)
        {
            contenders.Add(Contender.Of("couchbackup --attachments", new Command(programs.Backup, ["--attachments", "--db", database], Dump, PeerEnvironment)));
            contenders.Add(new Contender(
                "couchrestore --attachments",
                async () =>
                {
                    await server.CreateAsync(Target).ConfigureAwait(false);
                    return [new Command("/bin/sh", ["-c", $"exec '{programs.Restore}' --attachments --db {Target} < '{Dump}'"], null, PeerEnvironment)];
                },
                () => CheckAsync(wanted)));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        await server.DropAsync(Target).ConfigureAwait(false);
        var verdicts = new List<Verdict>();
        for (var index = 0; index < 2 && !options.PeersOnly; index++)
        {
            verdicts.Add(new Verdict($"peak resident memory of {series[index].Name}", series[index].PeakMegabytes, MostMegabytes, "MB"));
            if (peer is not null)
            {
                verdicts.Add(new Verdict($"wall time of {series[index].Name} against {series[index + 2].Name}", series[index].Wall / series[index + 2].Wall, 1, "times"));
            }
        }

        return new ScenarioResult(
            "attachments",
            string.Create(CultureInfo.InvariantCulture, $"{many:N0} documents with an attachment of 100 KB and {few:N0} with one of 20 MB, of random bytes. ")
            + "After each restore every attachment's name, type, length and MD5 are held against the first database's, as CouchDB has computed them from the bytes. integrity compresses, reads back and records.",
            series, verdicts, peer is null ? ["couchbackup and couchrestore"] : []);
    }

    private string Dump => Path.Combine(scratch, "attachments.jsonl");

    private string Folder => Path.Combine(scratch, string.Create(CultureInfo.InvariantCulture, $"attachments-{folders}"));

    private Dictionary<string, string> PeerEnvironment => new() { ["COUCH_URL"] = server.WithCredentials, ["TMPDIR"] = scratch };

    private string NewFolder()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true); // Each is as large as all attachments.
        }

        folders++;
        return Folder;
    }

    private async Task CheckAsync(IReadOnlyDictionary<string, string> wanted)
    {
        var found = await server.AttachmentsAsync(Target).ConfigureAwait(false);
        var wrong = wanted.Count(attachment => found.GetValueOrDefault(attachment.Key) != attachment.Value);
        if (wrong > 0 || found.Count != wanted.Count)
        {
            throw new InvalidOperationException($"{wrong} of {wanted.Count} attachments did not come back as they were; {found.Count} are there.");
        }
    }

    // A few in one request: the server holds what it is sent as JSON several times over.
    private IEnumerable<IEnumerable<byte[]>> Waves() => Enumerable.Range(0, many).Select(number => Document("small", number, Small)).Chunk(50)
        .Concat(Enumerable.Range(0, few).Select(number => Document("large", number, Large)).Chunk(1));

    private static byte[] Document(string kind, int number, int length)
    {
        var bytes = new byte[length];
        new Random(number).NextBytes(bytes);
        return Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$$"""{"_id":"{{{{kind}}}}-{{{{number:D5}}}}","_rev":"1-aa","number":{{{{number}}}},"_attachments":{"bytes":{"content_type":"application/octet-stream","revpos":1,"data":"{{{{Convert.ToBase64String(bytes)}}}}"}}}"""));
    }
}
