using System.Globalization;
using System.Net;

namespace IntegrityTools.Bench;

/// <summary>What a server gains by being asked in several requests at one time: the leaf feed, which a scan for conflicts reads, and the bodies, which a validation reads.</summary>
internal sealed class LanesScenario(CouchServer server, string scratch, BenchOptions options)
{
    private const int NamesAtOnce = 100;
    private const int MostLanes = 4;

    /// <summary>The same rows in one request and in several, of databases with two shards and with eight.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var data = new ConflictData(options.Small ? 20_000 : 100_000, options.Small ? 500 : 2_500);
        var contenders = new List<Contender>();
        foreach (var shards in new[] { 2, 8 })
        {
            var database = await server.LoadAsync(string.Create(CultureInfo.InvariantCulture, $"{data.Name}-q{shards}"), data.Waves(), shards).ConfigureAwait(false);
            contenders.Add(Lanes($"q={shards}: leaf feed, one request", Feed(database)));
            contenders.Add(Lanes($"q={shards}: leaf feed, two halves", await HalvesAsync(database, data.Documents).ConfigureAwait(false)));
            contenders.Add(Lanes($"q={shards}: leaves by name, {MostLanes} lanes", ByName(database, data)));
            contenders.Add(Lanes($"q={shards}: bodies, one request", Bodies(database, data, 1)));
            contenders.Add(Lanes($"q={shards}: bodies, 2 ranges", Bodies(database, data, 2)));
            contenders.Add(Lanes($"q={shards}: bodies, {MostLanes} ranges", Bodies(database, data, MostLanes)));
        }

        return new ScenarioResult(
            "lanes",
            string.Create(CultureInfo.InvariantCulture, $"curl alone reads {data.Documents:N0} documents in one request and in several at one time. The halves of the feed are as many rows each; ")
            + $"leaves by name are the same feed asked for {NamesAtOnce} documents a request. What integrity reads ahead of itself rests on it.",
            await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false), [], []);
    }

    private static (string Path, string? Body)[] Feed(string database) => [($"{database}/_changes?style=all_docs&seq_interval=1000", null)];

    private async Task<(string Path, string? Body)[]> HalvesAsync(string database, int documents)
    {
        var middle = await server.SequenceAfterAsync(database, documents / 2).ConfigureAwait(false);
        return
        [
            (string.Create(CultureInfo.InvariantCulture, $"{database}/_changes?style=all_docs&seq_interval=1000&limit={documents / 2}"), null),
            ($"{database}/_changes?style=all_docs&seq_interval=1000&since={WebUtility.UrlEncode(middle)}", null),
        ];
    }

    private static (string Path, string? Body)[] ByName(string database, ConflictData data) =>
    [
        .. Enumerable.Range(0, data.Documents).Select(ConflictData.Id).Chunk(NamesAtOnce)
            .Select(ids => ($"{database}/_changes?style=all_docs&filter=_doc_ids", (string?)$$"""{"doc_ids":["{{string.Join("\",\"", ids)}}"]}""")),
    ];

    private static (string Path, string? Body)[] Bodies(string database, ConflictData data, int ranges) =>
    [
        .. Enumerable.Range(0, ranges).Select(range => (
            $"{database}/_all_docs?include_docs=true&startkey=%22{ConflictData.Id(data.Documents / ranges * range)}%22"
            + (range == ranges - 1 ? "" : $"&endkey=%22{ConflictData.Id(data.Documents / ranges * (range + 1))}%22&inclusive_end=false"),
            (string?)null)),
    ];

    private Contender Lanes(string name, (string Path, string? Body)[] requests)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "lanes", string.Concat(name.Where(char.IsAsciiLetterOrDigit)))).FullName;
        var config = new CurlConfig(server);
        foreach (var (number, (path, body)) in requests.Index())
        {
            var file = body is null ? null : Path.Combine(folder, $"{number}.body");
            if (file is not null)
            {
                File.WriteAllText(file, body);
            }

            config.Add(path, file, Path.Combine(folder, $"{number}.answer"));
        }

        return Contender.Of(name, config.Save(Path.Combine(folder, "lanes.curl"), requests.Length == 1 ? 1 : MostLanes));
    }
}
