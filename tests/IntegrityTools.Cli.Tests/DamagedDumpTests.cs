using System.IO.Compression;
using System.Text.Json;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Cli.Tests;

/// <summary>Dumps that are cut or broken, as the command line tells of them: the fault with its line, and all the rest.</summary>
public sealed class DamagedDumpTests : IDisposable
{
    private readonly CliFolder cli = new(20);

    public DamagedDumpTests() => File.WriteAllLines(
        cli.At("sound.jsonl"), new RandomTrees(71).Documents(60).SelectMany(document => document.Revisions).Select(revision => $"[{revision}]"));

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData(2, "[{\"_id\":\"half")]
    [InlineData(5, "<html>")]
    [InlineData(9, "[17]")]
    [InlineData(12, "\0\0\0\0")]
    public async Task A_broken_line_is_named_by_its_number_and_the_rest_is_scanned(int number, string text)
    {
        var lines = (await File.ReadAllLinesAsync(cli.At("sound.jsonl"))).ToList();
        lines.Insert(number - 1, text);
        await File.WriteAllLinesAsync(cli.At("broken.jsonl"), lines);
        var sound = await ScanAsync("sound.jsonl");

        var found = await ScanAsync("broken.jsonl");

        var fault = Assert.Single(found, issue => Text(issue, "type") == "unreadable_entry");
        Assert.EndsWith($"broken.jsonl:{number}", Text(fault, "subject"), StringComparison.Ordinal);
        Assert.Equal(number, fault.GetProperty("evidence").GetProperty("line").GetInt32());
        Assert.Equal(Conflicts(sound), Conflicts(found));
        (await cli.RunAsync("scan", "couchdump:broken.jsonl", "--type", "unreadable_entry", "--fail-on", "high")).Expect(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_dump_is_scanned_up_to_the_cut_and_told_to_be_cut(bool compressed)
    {
        var bytes = await File.ReadAllBytesAsync(cli.At("sound.jsonl"));
        var name = compressed ? "cut.jsonl.gz" : "cut.jsonl";
        if (compressed)
        {
            using var buffer = new MemoryStream();
            await using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            {
                await gzip.WriteAsync(bytes);
            }

            bytes = buffer.ToArray();
        }

        await File.WriteAllBytesAsync(cli.At(name), bytes[..(bytes.Length * 3 / 4)]);
        var sound = Conflicts(await ScanAsync("sound.jsonl"));

        var found = await ScanAsync(name);

        Assert.Single(found, issue => Text(issue, "type") == "unreadable_entry");
        Assert.NotEmpty(Conflicts(found));
        Assert.True(Conflicts(found).Count() < sound.Count());
    }

    [Fact]
    public async Task What_cannot_be_mended_is_left_to_a_person_and_the_rest_is_repaired()
    {
        await File.AppendAllTextAsync(cli.At("sound.jsonl"), "[{\"_id\":\"half\n");

        var results = (await cli.RunAsync("resolve", "couchdump:sound.jsonl", "--confirm", "--to", "new.jsonl", "--output", "jsonl")).Expect(0).JsonLines;

        Assert.Contains(results, result => Text(result, "outcome") == "applied");
        var fault = Assert.Single(results, result => Text(result, "subject").Contains("sound.jsonl:", StringComparison.Ordinal));
        Assert.Equal("needs_review", Text(fault, "outcome"));
    }

    private static IEnumerable<string> Conflicts(IEnumerable<JsonElement> issues) =>
        issues.Where(issue => Text(issue, "type") != "unreadable_entry").Select(issue => Text(issue, "subject")).Order(StringComparer.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<JsonElement[]> ScanAsync(string file) => (await cli.RunAsync("scan", "couchdump:" + file, "--output", "jsonl")).Expect(0).JsonLines;
}
