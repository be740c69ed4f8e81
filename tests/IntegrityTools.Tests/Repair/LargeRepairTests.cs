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

    /// <summary>An ancestor and two edits of different fields, beside members that nobody edits.</summary>
    private static IEnumerable<string> Fork(string id, string rest) =>
    [
        ServerScanTests.Doc(id, 1, ["a"], $"\"x\":1,\"y\":1,{rest}"),
        ServerScanTests.Doc(id, 2, ["b", "a"], $"\"x\":2,\"y\":1,{rest}"),
        ServerScanTests.Doc(id, 2, ["c", "a"], $"\"x\":1,\"y\":2,{rest}"),
    ];
}
