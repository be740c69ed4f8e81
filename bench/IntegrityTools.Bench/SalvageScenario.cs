using Microsoft.Data.Sqlite;

namespace IntegrityTools.Bench;

/// <summary>Salvaging a damaged SQLite file, beside .recover of a sqlite3 shell that was built with dbpage.</summary>
internal sealed class SalvageScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int PageSize = 4096;
    private const int RowBytes = 400;
    private const int DamagedEvery = 1000;

    /// <summary>Salvages a file of 256 MB, with --large of 1 GB.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var damaged = Path.Combine(scratch, "damaged.db");
        var megabytes = Make(damaged, options.Large ? 1024 : 256);
        var created = Path.Combine(scratch, "salvaged.db");
        var contenders = new List<Contender>();
        var missing = new List<string>();
        if (!options.PeersOnly)
        {
            var cli = IntegrityCli.Publish(server, scratch);
            contenders.Add(Once("integrity salvage", created, cli.Plain("salvage", damaged, "--to", created, "--quiet")));
        }

        if (Environment.GetEnvironmentVariable("SQLITE3_DBPAGE") is { Length: > 0 } shell)
        {
            contenders.Add(Once(".recover", created, new Command("sh", ["-c", $"'{shell}' '{damaged}' .recover | '{shell}' '{created}'"])));
        }
        else
        {
            missing.Add(".recover (a sqlite3 shell built with dbpage, named by SQLITE3_DBPAGE)");
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = new List<Verdict>();
        if (series.FirstOrDefault(one => one.Name == "integrity salvage") is { } ours)
        {
            verdicts.Add(new Verdict("speed", megabytes / ours.Wall, 60, "MB/s", AtLeast: true));
            verdicts.Add(new Verdict("peak resident memory", ours.PeakMegabytes, 150, "MB"));
        }

        return new ScenarioResult(
            "salvage",
            $"A file of {megabytes:F0} MB with rows of some {RowBytes} bytes, its header and one page in {DamagedEvery} zeroed.",
            series, verdicts, missing);
    }

    private static Contender Once(string name, string created, Command command) => new(
        name,
        () =>
        {
            File.Delete(created);
            return Task.FromResult<IReadOnlyList<Command>>([command]);
        },
        () => new FileInfo(created) is { Exists: true, Length: > 0 }
            ? Task.CompletedTask
            : throw new InvalidOperationException($"{name} wrote nothing."));

    private static double Make(string path, int megabytes)
    {
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText =
                $"PRAGMA page_size={PageSize}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                + "CREATE TABLE entry(id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount REAL, at INTEGER, body BLOB);"
                + $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {megabytes * (1L << 20) / RowBytes}) "
                + $"INSERT INTO entry SELECT i, 'entry ' || i, i / 7.0, 1700000000 + i, randomblob({RowBytes - 45}) FROM n";
            command.ExecuteNonQuery();
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, new byte[100], 0);
        var length = RandomAccess.GetLength(file);
        for (var page = (long)DamagedEvery; page < length / PageSize; page += DamagedEvery)
        {
            RandomAccess.Write(file, new byte[PageSize], page * PageSize);
        }

        return length / 1e6;
    }
}
