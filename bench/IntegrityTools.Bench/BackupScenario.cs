using System.Globalization;

namespace IntegrityTools.Bench;

/// <summary>Saving and restoring whole stores: <c>integrity backup</c> and <c>restore</c> beside couchbackup, couchrestore and sqlite3.</summary>
internal sealed class BackupScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const string Target = "bench-restore";
    private const int Megabytes = 1000;
    private static readonly TimeSpan AloneFor = TimeSpan.FromSeconds(10);
    private readonly ConflictData data = new(100_000, 2_500);
    private int folders;

    /// <summary>Backups of 100,000 documents.</summary>
    public async Task<ScenarioResult> BackUpAsync()
    {
        var database = await server.LoadAsync(data).ConfigureAwait(false);
        var contenders = new List<Contender>();
        if (!options.PeersOnly)
        {
            var cli = IntegrityCli.Publish(server, scratch);
            contenders.Add(new Contender("integrity backup", () => Task.FromResult<IReadOnlyList<Command>>([cli.On(database, cli.NewLedger(), null, "backup", "bench", "--to", NewFolder())])));
        }

        if (Tools.CouchBackup is { } program)
        {
            contenders.Add(Contender.Of("couchbackup", CouchBackup(program, database, [])));
            contenders.Add(Contender.Of("couchbackup, 10 requests of 1,000", CouchBackup(program, database, ["--parallelism", "10", "--buffer-size", "1000"])));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = Against(series, 1);
        if (!options.PeersOnly && contenders.Count > 1)
        {
            verdicts.Add(new Verdict("size against couchbackup", (double)SizeOf(Folder()) / new FileInfo(Dump).Length, 1, "times"));
        }

        return new ScenarioResult(
            "backup",
            "Saving a database of 100,000 documents of some 330 bytes, of which 2,500 are in conflict. integrity: compressed, with common ancestors and settings, read back, in the ledger. "
            + "couchbackup: to a file, by its defaults and by more and larger requests.",
            series, verdicts, Tools.CouchBackup is null ? ["couchbackup"] : []);
    }

    /// <summary>Restores of 100,000 documents into a new database.</summary>
    public async Task<ScenarioResult> RestoreAsync()
    {
        var database = await server.LoadAsync(data).ConfigureAwait(false);
        var contenders = new List<Contender>();
        if (!options.PeersOnly)
        {
            var cli = IntegrityCli.Publish(server, scratch);
            var folder = NewFolder();
            ProcessMeter.Run(cli.On(database, cli.NewLedger(), null, "backup", "bench", "--to", folder));
            contenders.Add(new Contender(
                "integrity restore",
                async () =>
                {
                    await server.DropAsync(Target).ConfigureAwait(false);
                    return [cli.On(Target, cli.NewLedger(), null, "restore", folder, "--to", "bench", "--confirm")];
                },
                CheckAsync));
        }

        var peer = Tools.CouchBackup is { } backup ? Path.Combine(Path.GetDirectoryName(backup)!, "couchrestore") : null;
        var missing = peer is null || !File.Exists(peer) || OperatingSystem.IsWindows();
        if (!missing)
        {
            ProcessMeter.Run(CouchBackup(Tools.CouchBackup!, database, []));
            contenders.Add(CouchRestore("couchrestore", peer!, ""));
            contenders.Add(CouchRestore("couchrestore, 10 requests of 1,000", peer!, "--parallelism 10 --buffer-size 1000"));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        await server.DropAsync(Target).ConfigureAwait(false);
        return new ScenarioResult(
            "restore", "Restoring the same 100,000 documents into a new database. integrity checks every byte of the backup before.",
            series, Against(series, 1), missing ? ["couchrestore"] : []);
    }

    /// <summary>Backups of a SQLite database of 1 GB.</summary>
    public async Task<ScenarioResult> SqliteAsync()
    {
        var shell = Tools.Find("sqlite3");
        if (shell is null)
        {
            return new ScenarioResult("sqlite-backup", "A SQLite database of 1 GB.", [], [], ["sqlite3, which also makes the database"]);
        }

        var path = Path.Combine(scratch, "bench.db");
        ProcessMeter.Run(new Command(shell, [path, string.Create(CultureInfo.InvariantCulture, $"""
            PRAGMA journal_mode = WAL;
            CREATE TABLE event(id INTEGER PRIMARY KEY, kind TEXT, at TEXT, body TEXT);
            CREATE INDEX by_kind ON event(kind, at);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Megabytes * 2_300})
                INSERT INTO event SELECT i, 'kind ' || (i % 17), datetime(1700000000 + i, 'unixepoch'), hex(randomblob(180)) FROM n;
            """)]));
        var copy = Path.Combine(scratch, "copy.db");
        const string checks = "PRAGMA integrity_check; SELECT count(*) FROM event;";
        var peer = new Contender("sqlite3, VACUUM INTO and the same checks", () =>
        {
            File.Delete(copy);
            return Task.FromResult<IReadOnlyList<Command>>([new Command(shell, [path, $"{checks} VACUUM INTO '{copy}'"]), new Command(shell, [copy, checks])]);
        });
        var contenders = new List<Contender> { peer };
        if (!options.PeersOnly)
        {
            var cli = IntegrityCli.Publish(server, scratch);
            contenders.Insert(0, new Contender("integrity backup", () =>
            {
                if (Directory.Exists(Folder()))
                {
                    Directory.Delete(Folder(), recursive: true); // Each is as large as the database.
                }

                return Task.FromResult<IReadOnlyList<Command>>([cli.Plain("backup", path, "--to", NewFolder(), "--ledger", cli.NewLedger())]);
            }));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = Against(series, 1.15);
        if (!options.PeersOnly)
        {
            verdicts.Add(new Verdict("peak resident memory", series[0].PeakMegabytes, 80, "MB"));
            verdicts.AddRange(await BesideWritersAsync(path, contenders[0]).ConfigureAwait(false));
        }

        return new ScenarioResult(
            "sqlite-backup",
            "Saving a SQLite database of some 1 GB in WAL mode, nobody writing. Both check the source and the copy by integrity_check and count the rows in both; integrity also "
            + "flushes, digests and reads back.",
            series, verdicts, []);
    }

    /// <summary>What a backup costs four writers, in turns with and without one.</summary>
    private async Task<IReadOnlyList<Verdict>> BesideWritersAsync(string path, Contender backup)
    {
        var (alone, beside, failures) = (new List<double>(), new List<double>(), 0L);
        for (var round = 0; round < options.Runs; round++)
        {
            var command = (await backup.Prepare().ConfigureAwait(false))[0];
            using (var writers = SqliteWriters.Start(path))
            {
                ProcessMeter.Run(command);
                var (p99, commits, failed) = writers.Stop();
                beside.Add(p99);
                failures += failed;
                await Console.Error.WriteLineAsync(FormattableString.Invariant($"  4 writers beside a backup: {commits} commits, p99 {p99:F2} ms")).ConfigureAwait(false);
            }

            using (var writers = SqliteWriters.Start(path))
            {
                await Task.Delay(AloneFor).ConfigureAwait(false);
                var (p99, commits, failed) = writers.Stop();
                alone.Add(p99);
                failures += failed;
                await Console.Error.WriteLineAsync(FormattableString.Invariant($"  4 writers alone: {commits} commits, p99 {p99:F2} ms")).ConfigureAwait(false);
            }
        }

        alone.Sort();
        beside.Sort();
        return
        [
            new Verdict($"p99 of 4 writers' commits beside a backup ({beside[beside.Count / 2]:F2} ms) against none ({alone[alone.Count / 2]:F2} ms)", beside[beside.Count / 2] / alone[alone.Count / 2], 2, "times"),
            new Verdict("commits that failed", failures, 0, "commits"),
        ];
    }

    private string Dump => Path.Combine(scratch, "couchbackup.jsonl");

    private List<Verdict> Against(IReadOnlyList<Series> series, double target) =>
        options.PeersOnly ? [] : [.. series.Skip(1).Select(peer => new Verdict($"wall time against {peer.Name}", series[0].Wall / peer.Wall, target, "times"))];

    private Command CouchBackup(string program, string database, string[] arguments) =>
        new(program, ["--db", database, .. arguments], Dump, new Dictionary<string, string> { ["COUCH_URL"] = server.WithCredentials, ["TMPDIR"] = scratch });

    private Contender CouchRestore(string name, string program, string arguments) => new(
        name,
        async () =>
        {
            await server.CreateAsync(Target).ConfigureAwait(false);
            var environment = new Dictionary<string, string> { ["COUCH_URL"] = server.WithCredentials, ["TMPDIR"] = scratch };
            return [new Command("/bin/sh", ["-c", $"exec '{program}' --db {Target} {arguments} < '{Dump}'"], null, environment)];
        },
        CheckAsync);

    private async Task CheckAsync()
    {
        var conflicts = await server.CountConflictsAsync(Target).ConfigureAwait(false);
        if (conflicts != 2_500)
        {
            throw new InvalidOperationException($"{conflicts} conflicts were restored instead of 2,500.");
        }
    }

    private string Folder() => Path.Combine(scratch, string.Create(CultureInfo.InvariantCulture, $"backups-{folders}"));

    private string NewFolder()
    {
        folders++;
        return Folder();
    }

    private static long SizeOf(string folder) => Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length);
}
