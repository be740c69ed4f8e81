using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Which leaf counts is CouchDB's own word, however the hashes of other programs look.</summary>
public class WinnerTests
{
    private static readonly string[] Hashes =
        ["aaa", "0", "~", "\u00fc", "9f53a0b1c2d3e4f5a6b7c8d9e0f1a2b3", "61620000000000000000000000000000", "FF53A0B1C2D3E4F5A6B7C8D9E0F1A2B3", "9f53a0b1c2d3e4f5a6b7c8d9e0f1a2b"];

    [SkippableFact]
    public async Task The_winner_of_leaves_whose_hashes_are_no_digests_was_another_than_CouchDB_s()
    {
        var pairs = Hashes.SelectMany((one, at) => Hashes.Skip(at + 1).Select(other => (One: one, Other: other))).ToList();
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            [.. pairs.SelectMany((pair, at) => new[] { ServerScanTests.Doc($"d{at}", 1, [pair.One], "\"x\":1"), ServerScanTests.Doc($"d{at}", 1, [pair.Other], "\"x\":2") })]);

        var issues = (await place.Place.ScanAsync(new ScanOptions { Store = place.Store, Types = ["conflicts"] })).Issues;

        Assert.Equal(pairs.Count, issues.Count);
        foreach (var issue in issues)
        {
            using var document = JsonDocument.Parse(await place.Server.GetAsync($"{place.Database}/{issue.Subject}"));
            Assert.Equal(document.RootElement.GetProperty("_rev").GetString(), ((ConflictEvidence)issue.Evidence).WinningRevision);
        }
    }
}
