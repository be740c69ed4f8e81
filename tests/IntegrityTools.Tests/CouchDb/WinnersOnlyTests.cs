using System.IO.Compression;
using System.Text;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Files that hold the winner of each document: what other leaves there are does not show in them.</summary>
public class WinnersOnlyTests
{
    private const string Told = "Not looked for in this file, since it holds winners only: conflicts.";

    [SkippableTheory]
    [InlineData("", false)]
    [InlineData("&conflicts=true", false)]
    [InlineData("&conflicts=true", true)]
    public async Task An_answer_of_a_database_with_conflicts_was_said_to_have_none(string options, bool compressed)
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            ServerScanTests.Doc("a", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("b", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("b", 1, ["b"], "\"x\":2"));
        var answer = await place.Server.GetAsync($"{place.Database}/_all_docs?include_docs=true{options}");

        await ExpectAsync(place.Place, answer, compressed, named: options.Length > 0);
    }

    [Fact]
    public async Task A_shallow_file_of_couchbackup_was_said_to_have_no_conflicts()
    {
        await using var place = new Workplace();
        await ExpectAsync(
            place, "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"shallow\",\"attachments\":false}\n[{\"_id\":\"a\",\"_rev\":\"1-a\",\"x\":1}]\n", compressed: false, named: false);
    }

    [Theory]
    [InlineData("{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\"}\n[{\"_id\":\"a\",\"_rev\":\"1-a\",\"mode\":\"shallow\"}]\n")]
    [InlineData("[{\"_id\":\"a\",\"_rev\":\"1-a\",\"mode\":\"shallow\"}]\n")]
    public async Task Other_dumps_are_looked_through_for_conflicts(string dump)
    {
        await using var place = new Workplace();
        await File.WriteAllTextAsync(place.PathOf("dump.jsonl"), dump);

        var (_, report) = await place.ScanAsync(new ScanOptions { Store = $"couchdump:{place.PathOf("dump.jsonl")}", Types = ["conflicts"] });

        Assert.Empty(report.Remarks);
        Assert.Equal(0, (await place.Engine.Health.MeasureAsync(report.Store, null, default)).ConflictCount);
    }

    private static async Task ExpectAsync(Workplace place, string content, bool compressed, bool named)
    {
        var path = place.PathOf("file.json");
        await using (Stream file = compressed ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(content));
        }

        foreach (string[] types in (string[][])[[], ["conflicts"], ["all"]])
        {
            var (issues, report) = await place.ScanAsync(new ScanOptions { Store = $"couchdump:{path}", Types = types });
            Assert.Empty(issues);
            Assert.Contains(Told, report.Remarks);
            Assert.Equal(
                named ? ["1 document of it names conflicts (_conflicts), whose other leaves it does not hold: 'b'. Scan the database, or a backup of it."] : [],
                report.Remarks.Where(remark => remark.Contains("_conflicts", StringComparison.Ordinal)));
        }

        var health = await place.Engine.Health.MeasureAsync($"couchdump:{path}", null, default);
        Assert.Null(health.ConflictCount);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains(health.Checks, check => check.Reason.Contains("winners only", StringComparison.Ordinal));
        Assert.DoesNotContain(health.Recommendations, advice => advice.Text.Contains("conflicts", StringComparison.Ordinal));
    }
}
