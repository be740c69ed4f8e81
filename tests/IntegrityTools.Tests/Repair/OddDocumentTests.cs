using System.Text.Json;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

/// <summary>Ids that no URL path can carry, and numbers that no double can hold, the whole way: scan, plan, repair, undo.</summary>
public class OddDocumentTests
{
    private static readonly string[] Ids =
    [
        ".", "..", "two words", "a/b", "/", "a+b", "100%", "%2F..%2F", "müller 日本", "_design/odd", "?x=1&y=2", "#f", "\"quoted\"", "back\\slash", "tab\t",
    ];

    [SkippableFact]
    public async Task Odd_ids_are_merged_and_given_back_on_a_server_and_nothing_else_is_touched()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Ids.SelectMany(id => Fork(id, "\"z\":1"))]);
        var before = await place.StateAsync(Ids);
        Assert.Equal(Ids.Length, before.Count);

        await place.RepairAsync();

        var merged = await ReadAsync(place);
        Assert.Equal(Ids.Order(StringComparer.Ordinal), merged.Keys);
        Assert.All(merged.Values, document =>
            Assert.Equal((2, 2), (document.GetProperty("x").GetInt32(), document.GetProperty("y").GetInt32())));
        await place.UndoAsync();
        Assert.Equal(before, await place.StateAsync(Ids));
    }

    [SkippableFact]
    public async Task Numbers_that_nobody_edited_come_out_of_a_merge_as_the_server_has_them()
    {
        const string Numbers = "\"one\":1.0,\"hundred\":1E+2,\"exact\":9007199254740993,\"huge\":123456789012345678901234567890,\"small\":-0.0,\"in\":{\"one\":[1.0,1E+2]}";
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, [.. Fork("d", Numbers), $"{{\"_id\":\"untouched\",\"_rev\":\"1-a\",{Numbers}}}"]);

        await place.RepairAsync();

        var documents = await ReadAsync(place);
        Assert.Equal(2, documents["d"].GetProperty("y").GetInt32());
        foreach (var member in documents["untouched"].EnumerateObject().Where(member => member.Name[0] != '_'))
        {
            Assert.Equal(member.Value.GetRawText(), documents["d"].GetProperty(member.Name).GetRawText());
        }

        Assert.Equal("9007199254740993", documents["d"].GetProperty("exact").GetRawText());
    }

    [Theory]
    [InlineData("\"one\":1.0")]
    [InlineData("\"hundred\":1E+2")]
    [InlineData("\"exact\":9007199254740993")]
    [InlineData("\"huge\":1e400")]
    [InlineData("\"in\":{\"k\":1, \"k\":2}")]
    [InlineData("\"k\":1, \"k\":2")]
    [InlineData("\"lone\":\"\\ud800\"")]
    public async Task What_nobody_edited_is_byte_for_byte_the_same_in_a_repaired_dump_and_after_an_undo(string member)
    {
        await using var place = new Workplace();
        var dump = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, Ids.SelectMany(id => Fork(id, member)).Select(revision => $"[{revision}]"));
        var before = await FileDigest.OfAsync(dump, default);

        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));

        Assert.Empty(await place.ScanAsync("couchdump:" + place.PathOf("repaired.jsonl")));
        await using (var repaired = new DumpSource(place.PathOf("repaired.jsonl")))
        {
            var leaves = await repaired.ReadLeavesAsync(Ids, default).ToListAsync();
            Assert.Equal(Ids.Order(StringComparer.Ordinal), leaves.Select(set => set.Id).Order(StringComparer.Ordinal));
            Assert.All(leaves, set =>
            {
                var body = Assert.Single(set.Live).Body.ToString();
                Assert.Contains("\"x\":2", body, StringComparison.Ordinal);
                Assert.Contains("\"y\":2", body, StringComparison.Ordinal);
                foreach (var part in member.Split(", \"k\":2", StringSplitOptions.RemoveEmptyEntries))
                {
                    Assert.Contains(part, body, StringComparison.Ordinal);
                }

                Assert.Equal(member.Contains("\"k\":2", StringComparison.Ordinal), body.Contains("\"k\":2", StringComparison.Ordinal));
            });
        }

        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("undone.jsonl"));
        Assert.Equal(before.Sha256, (await FileDigest.OfAsync(place.PathOf("undone.jsonl"), default)).Sha256);
    }

    private static IEnumerable<string> Fork(string id, string rest) =>
    [
        $"{{\"_id\":{JsonSerializer.Serialize(id)},\"_rev\":\"1-a\",\"_revisions\":{{\"start\":1,\"ids\":[\"a\"]}},\"x\":1,\"y\":1,{rest}}}",
        $"{{\"_id\":{JsonSerializer.Serialize(id)},\"_rev\":\"2-b\",\"_revisions\":{{\"start\":2,\"ids\":[\"b\",\"a\"]}},\"x\":2,\"y\":1,{rest}}}",
        $"{{\"_id\":{JsonSerializer.Serialize(id)},\"_rev\":\"2-c\",\"_revisions\":{{\"start\":2,\"ids\":[\"c\",\"a\"]}},\"x\":1,\"y\":2,{rest}}}",
    ];

    /// <summary>All documents as the server itself lists them, none asked for by its path.</summary>
    private static async Task<SortedDictionary<string, JsonElement>> ReadAsync(ServerPlace place)
    {
        using var answer = JsonDocument.Parse(await place.Server.GetAsync($"{place.Database}/_all_docs?include_docs=true"));
        var documents = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var row in answer.RootElement.GetProperty("rows").EnumerateArray())
        {
            documents.Add(row.GetProperty("id").GetString()!, row.GetProperty("doc").Clone());
        }

        return documents;
    }
}
