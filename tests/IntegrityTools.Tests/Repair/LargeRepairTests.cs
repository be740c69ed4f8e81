using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.CouchDb;

namespace IntegrityTools.Tests.Repair;

/// <summary>What is as large as stores take it, through scan, plan, repair and undo.</summary>
public class LargeRepairTests
{
    /// <summary>A server takes documents of 8,000,000 bytes by default; the merged one is as large as its leaves.</summary>
    [SkippableFact]
    public async Task Documents_of_8_MB_are_merged_and_given_back_on_a_server()
    {
        var text = new string('z', 7_990_000);
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            [.. Enumerable.Range(0, 2).SelectMany(number => Fork($"d{number}", $"\"text\":\"{text}\""))]);
        var before = await place.StateAsync("d0", "d1");

        await place.RepairAsync();

        var merged = await place.StateAsync("d0", "d1");
        Assert.All(merged.Values, state => Assert.Contains("\"x\":2,\"y\":2", state, StringComparison.Ordinal));
        await place.UndoAsync();
        Assert.Equal(before, await place.StateAsync("d0", "d1"));
    }

    /// <summary>Each leaf is as the server takes it, and their merge is not: that document fails alone, with both leaves as they were.</summary>
    [SkippableFact]
    public async Task A_merge_larger_than_the_server_takes_fails_alone_and_the_rest_is_repaired()
    {
        var (one, other) = (new string('y', 5_000_000), new string('z', 5_000_000));
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            [
                .. Enumerable.Range(0, 6).SelectMany(number => Fork($"d{number}", "\"z\":1")),
                ServerScanTests.Doc("big", 1, ["a"], "\"x\":1"),
                ServerScanTests.Doc("big", 2, ["b", "a"], $"\"x\":1,\"one\":\"{one}\""),
                ServerScanTests.Doc("big", 2, ["c", "a"], $"\"x\":1,\"other\":\"{other}\""),
            ]);
        var before = await place.StateAsync("big");

        var results = await place.Place.RunAsync(await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store)));

        var failed = Assert.Single(results, result => result.Outcome != OperationOutcome.Applied);
        Assert.Equal(("big", OperationOutcome.Failed), (failed.Subject, failed.Outcome));
        Assert.Contains("max_document_size", failed.Message, StringComparison.Ordinal);
        Assert.Equal(before, await place.StateAsync("big"));
        Assert.Equal("big", Assert.Single(await place.Place.ScanAsync(place.Store)).Subject);
    }

    [Fact]
    public async Task A_document_of_50_MB_is_merged_and_given_back_in_a_dump()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("large.jsonl");
        var text = new string('z', 50_000_000);
        await File.WriteAllLinesAsync(dump, Fork("d", $"\"text\":\"{text}\"").Select(revision => $"[{revision}]"));
        var before = await FileDigest.OfAsync(dump, default);

        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));

        Assert.Empty(await place.ScanAsync("couchdump:" + place.PathOf("repaired.jsonl")));
        await using (var repaired = new DumpSource(place.PathOf("repaired.jsonl")))
        {
            var merged = Assert.Single((await repaired.ReadLeavesAsync(["d"], default).SingleAsync()).Live).Body.Parse().RootElement;
            Assert.Equal((2, 2, text.Length), (merged.GetProperty("x").GetInt32(), merged.GetProperty("y").GetInt32(), merged.GetProperty("text").GetString()!.Length));
        }

        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("undone.jsonl"));
        Assert.Equal(before.Sha256, (await FileDigest.OfAsync(place.PathOf("undone.jsonl"), default)).Sha256);
    }

    /// <summary>Undone as a whole, and, once the repaired dump was added to, document by document.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Large_attachments_of_both_sides_are_kept_in_the_repaired_dump_and_given_back_byte_for_byte(bool compressed)
    {
        await using var place = new Workplace();
        byte[] one = RandomBytes(3_000_001, 1), other = RandomBytes(2_000_002, 2);
        var dump = place.PathOf("large.jsonl" + (compressed ? ".gz" : string.Empty));
        await WriteAsync(
            dump,
            compressed,
            ServerScanTests.Doc("d", 1, ["a"], "\"x\":1,\"y\":1"),
            ServerScanTests.Doc("d", 2, ["b", "a"], $"\"x\":2,\"y\":1,\"_attachments\":{{{Attached("one", one)}}}"),
            ServerScanTests.Doc("d", 2, ["c", "a"], $"\"x\":1,\"y\":2,\"_attachments\":{{{Attached("other", other)}}}"));
        var before = await FileDigest.OfAsync(dump, default);
        var repaired = place.PathOf("repaired.jsonl" + (compressed ? ".gz" : string.Empty));

        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), repaired)).Outcome);
        var repair = place.Execution!.Id;

        Assert.Empty(await place.ScanAsync("couchdump:" + repaired));
        var merged = Assert.Single(await LeavesAsync(repaired));
        Assert.Equal(("{\"x\":2,\"y\":2}", Sha256(one), Sha256(other)), merged);

        await place.RunAsync(await place.PlanUndoAsync(repair), place.PathOf("undone.jsonl"));
        Assert.Equal(before.Sha256, (await FileDigest.OfAsync(place.PathOf("undone.jsonl"), default)).Sha256);

        await WriteAsync(repaired, compressed, ServerScanTests.Doc("new", 1, ["a"], "\"x\":1"));
        await using var again = new Workplace();
        File.Copy(dump, again.PathOf("large.jsonl"));
        await again.RunAsync(await again.PlanAsync(await again.ScanAsync("couchdump:" + again.PathOf("large.jsonl"))), again.PathOf("repaired.jsonl"));
        await WriteAsync(again.PathOf("repaired.jsonl"), compressed, ServerScanTests.Doc("new", 1, ["a"], "\"x\":1"));
        await again.RunAsync(await again.PlanUndoAsync(), again.PathOf("undone.jsonl"));
        Assert.Equal(await LeavesAsync(dump), await LeavesAsync(again.PathOf("undone.jsonl")));
    }

    [SkippableFact]
    public async Task A_thousand_leaves_of_one_document_become_one_with_every_edit_and_come_back()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"));
        await place.Server.InsertAsync(
            place.Database, [.. Enumerable.Range(0, 1000).Select(number => ServerScanTests.Doc("d", 2, [$"b{number:d4}", "a"], $"\"x\":1,\"f{number}\":{number}"))]);
        var before = await place.StateAsync("d");

        await place.RepairAsync();

        var merged = Encoding.UTF8.GetBytes((await place.StateAsync("d"))["d"].Split('\n')[0]["winner ".Length..].TrimEnd());
        using var document = System.Text.Json.JsonDocument.Parse(merged);
        Assert.Equal(1001, document.RootElement.EnumerateObject().Count());
        await place.UndoAsync();
        Assert.Equal(before, await place.StateAsync("d"));
    }

    /// <summary>Appends documents, a line each; to a compressed dump as one more member.</summary>
    private static async Task WriteAsync(string dump, bool compressed, params string[] revisions)
    {
        await using var file = new FileStream(dump, FileMode.Append);
        await using Stream target = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        await target.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(revisions.Select(revision => $"[{revision}]\n"))));
    }

    /// <summary>The live leaves of the document: its members, and the digests of its two attachments.</summary>
    private static async Task<List<(string Body, string? One, string? Other)>> LeavesAsync(string dump)
    {
        await using var source = new DumpSource(dump);
        var found = new List<(string, string?, string?)>();
        foreach (var leaf in (await source.ReadLeavesAsync(["d"], default).SingleAsync()).Live)
        {
            var held = (await source.HoldAsync(leaf, default))!;
            using var document = held.Body.Parse();
            var members = document.RootElement.EnumerateObject().Where(member => member.Name[0] != '_').Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}");
            found.Add(($"{{{string.Join(',', members)}}}", held.Held.GetValueOrDefault("one")?.Sha256, held.Held.GetValueOrDefault("other")?.Sha256));
            held.Release();
        }

        return [.. found.Order()];
    }

    private static string Attached(string name, byte[] bytes) => $"\"{name}\":{{\"content_type\":\"image/x-raw\",\"revpos\":2,\"data\":\"{Convert.ToBase64String(bytes)}\"}}";

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>An ancestor and two edits of different fields, beside members that nobody edits.</summary>
    private static IEnumerable<string> Fork(string id, string rest) =>
    [
        ServerScanTests.Doc(id, 1, ["a"], $"\"x\":1,\"y\":1,{rest}"),
        ServerScanTests.Doc(id, 2, ["b", "a"], $"\"x\":2,\"y\":1,{rest}"),
        ServerScanTests.Doc(id, 2, ["c", "a"], $"\"x\":1,\"y\":2,{rest}"),
    ];
}
