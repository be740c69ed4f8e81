using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Sharing;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Ranges of documents, as several scans share them.</summary>
public class DocumentRangeTests
{
    private const int Documents = 8400;

    [SkippableTheory]
    [InlineData(new[] { "" }, 8)]
    [InlineData(new[] { "container:production:", "é/" }, 8)]
    [InlineData(new[] { "a", "b", "b0000000000000000000000", "日本語-" }, 8)]
    public async Task Ranges_hold_about_as_many_documents_each(string[] prefixes, int ranges)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        foreach (var chunk in Enumerable.Range(0, Documents).Chunk(1000))
        {
            await place.Server.InsertAsync(place.Database, [.. chunk.Select(number => ServerScanTests.Doc($"{prefixes[number % prefixes.Length]}{number:D6}", 1, ["a"], "\"x\":1"))]);
        }

        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var cuts = await new RangeCuts(client).FindAsync(default);

        Assert.Equal(ranges - 1, cuts.Count);
        var ids = JsonDocument.Parse(await place.Server.GetAsync(place.Database + "/_all_docs")).RootElement.GetProperty("rows").EnumerateArray()
            .Select(row => row.GetProperty("id").GetString()!).ToList();
        var edges = cuts.Select(cut => ids.IndexOf(cut)).Prepend(0).Append(ids.Count).ToList();
        Assert.All(edges.Zip(edges.Skip(1)), range => Assert.InRange(range.Second - range.First, Documents / ranges / 2, Documents / ranges * 2));
    }

    [Theory]
    [InlineData("", null, "O")]
    [InlineData("a", "c", "b")]
    [InlineData("a", "b", "aO")]
    [InlineData("doc-1", "doc-2", "doc-1O")]
    [InlineData("a", "a ", null)]
    [InlineData("zz", null, "|")]
    [InlineData("é", "ë", "ê")]
    [InlineData("\ud7ff", "\ue000", "\ud7ffO")]
    public void A_text_between_two_ids_is_found_where_there_is_one(string low, string? high, string? between)
    {
        Assert.Equal(between, IdSpace.Between(low, high));
        if (IdSpace.Between(low, high) is { } found)
        {
            Assert.True(Compare(low, found) < 0);
            Assert.True(high is null || Compare(found, high) < 0);
        }

        static int Compare(string one, string other) => System.Text.Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(other));
    }
}
