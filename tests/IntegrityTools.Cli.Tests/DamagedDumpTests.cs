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
        var name = await CutAsync(compressed, 0.75);
        var sound = Conflicts(await ScanAsync("sound.jsonl"));

        var found = await ScanAsync(name);

        Assert.Single(found, issue => Text(issue, "type") == "unreadable_entry");
        Assert.NotEmpty(Conflicts(found));
        Assert.True(Conflicts(found).Count() < sound.Count());
    }

    /// <summary>Whichever type is planned: the loss is the dump's, and not one of its issues'.</summary>
    [Theory]
    [InlineData(false, "all")]
    [InlineData(true, "all")]
    [InlineData(false, "conflicts")]
    [InlineData(true, "conflicts")]
    public async Task The_repair_of_a_cut_dump_repairs_the_rest_tells_the_cut_and_is_taken_back_to_the_same_bytes(bool compressed, string type)
    {
        var name = await CutAsync(compressed, 0.75);
        var conflicts = Conflicts(await ScanAsync(name)).Count();

        var repaired = (await cli.RunAsync("resolve", "couchdump:" + name, "--type", type, "--strategy", "latest_wins", "--confirm", "--to", "new-" + name, "--output", "json")).Expect(3);

        Assert.Contains("The dump is cut or damaged: it cannot be read in 1 place", repaired.Error, StringComparison.Ordinal);
        Assert.Single(repaired.Json.GetProperty("damaged").EnumerateArray());
        Assert.True(repaired.Json.GetProperty("outcomes").GetProperty("applied").GetInt32() > conflicts / 2);
        Assert.Single(await ScanAsync("new-" + name), issue => Text(issue, "type") == "unreadable_entry");
        var execution = Text(repaired.Json, "execution_id");
        (await cli.RunAsync("undo", execution, "--confirm", "--to", "back-" + name)).Expect(0);
        Assert.Equal(await File.ReadAllBytesAsync(cli.At(name)), await File.ReadAllBytesAsync(cli.At("back-" + name)));
    }

    [Fact]
    public async Task The_undo_of_the_repair_of_a_cut_compressed_dump_that_is_gone_says_where_it_was()
    {
        var name = await CutAsync(compressed: true, 0.75);
        var repaired = (await cli.RunAsync("resolve", "couchdump:" + name, "--strategy", "latest_wins", "--confirm", "--to", "new.gz", "--output", "json")).Expect(3);
        File.Move(cli.At(name), cli.At("elsewhere"));

        var refused = (await cli.RunAsync("undo", Text(repaired.Json, "execution_id"), "--confirm", "--to", "back.gz")).Expect(1);

        Assert.Contains("it is no longer where it was", refused.Error, StringComparison.Ordinal);
        Assert.Contains(cli.At(name), refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(cli.At("back.gz")));
    }

    /// <summary>The checksum at the end of a gzip file, and then all behind a line: a reader that stops there has read whole lines only.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_compressed_dump_that_was_cut_behind_its_last_line_was_taken_for_whole(int less)
    {
        var whole = new FileInfo(cli.At(await CutAsync(compressed: true, 1))).Length;
        var name = await CutAsync(compressed: true, (double)(whole - less) / whole);

        var found = await ScanAsync(name);

        Assert.Contains("cut or damaged", Text(Assert.Single(found, issue => Text(issue, "type") == "unreadable_entry"), "message"), StringComparison.Ordinal);
        Assert.Equal(Conflicts(await ScanAsync("sound.jsonl")), Conflicts(found));
    }

    [Fact]
    public async Task What_cannot_be_mended_is_left_to_a_person_and_the_rest_is_repaired()
    {
        await File.AppendAllTextAsync(cli.At("sound.jsonl"), "[{\"_id\":\"half\n");

        var results = (await cli.RunAsync("resolve", "couchdump:sound.jsonl", "--confirm", "--to", "new.jsonl", "--output", "jsonl")).Expect(3).JsonLines;

        Assert.Contains(results, result => Text(result, "outcome") == "applied");
        var fault = Assert.Single(results, result => Text(result, "subject").Contains("sound.jsonl:", StringComparison.Ordinal));
        Assert.Equal("needs_review", Text(fault, "outcome"));
    }

    private async Task<string> CutAsync(bool compressed, double part)
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

        await File.WriteAllBytesAsync(cli.At(name), bytes[..(int)Math.Round(bytes.Length * part)]);
        return name;
    }

    private static IEnumerable<string> Conflicts(IEnumerable<JsonElement> issues) =>
        issues.Where(issue => Text(issue, "type") != "unreadable_entry").Select(issue => Text(issue, "subject")).Order(StringComparer.Ordinal);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private async Task<JsonElement[]> ScanAsync(string file) => (await cli.RunAsync("scan", "couchdump:" + file, "--output", "jsonl")).Expect(0).JsonLines;
}
