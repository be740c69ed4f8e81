using System.Security.Cryptography;
using System.Text;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Dumps;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Dumps with attachments that are not held in memory.</summary>
public sealed class LargeDumpTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("integrity-dump-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // What is cut out begins beyond 1 MiB of a document or before, has padding of every length, and may be escaped as some programs do.
    [Theory]
    [InlineData(3_000_000, 100_000, "")]
    [InlineData(3_000_001, 100_001, "/")]
    [InlineData(3_000_002, 2_000_000, "+")]
    [InlineData(100_000, 3_000_000, "/+")]
    public async Task The_data_of_large_attachments_is_held_outside_and_comes_out_byte_for_byte(int first, int second, string escaped)
    {
        byte[] one = Random(first, 1), two = Random(second, 2);
        var file = Write(
            "[" + Doc("small", "\"_attachments\":{\"s\":{\"content_type\":\"text/plain\",\"data\":\"YQ==\"}}")
                + "," + Doc("d", $"\"data\":\"{new string('x', 200_000)}\",\"_attachments\":{{{Attached("a \\u00fc\\\"", one, escaped)},{Attached("b", two, escaped)},\"s\":{{\"data\":\"YQ==\"}}}},\"z\":{{\"_attachments\":{{\"a\":{{\"data\":\"{new string('A', 100_000)}\"}}}}}}")
                + "," + Doc("behind", "\"x\":1.0") + "]");
        await using var source = new DumpSource(file);

        var leaf = Assert.Single((await source.ReadLeavesAsync(["d"], default).SingleAsync()).Leaves);
        var held = (await source.HoldAsync(leaf, default))!;

        Assert.Equal(["a ü\"", "b"], held.Held.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([first, second, 1L], held.Attachments.Select(attachment => attachment.Length!.Value));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(one)), held.Held["a ü\""].Sha256);
        Assert.True(held.Body.Utf8.Length < 400_000);
        Assert.Equal(one, await BytesAsync(held.Held["a ü\""]));
        Assert.Equal(two, await BytesAsync(held.Held["b"]));
        Assert.Equal("1.0", (await source.ReadLeavesAsync(["behind"], default).SingleAsync()).Winner.Body.Parse().RootElement.GetProperty("x").GetRawText());

        // Written again, and read again.
        var path = Path.Combine(folder, "again.jsonl");
        await using (var writer = new DumpWriter(path))
        {
            await writer.WriteAsync(held, default);
            await writer.CompleteAsync(default);
        }

        held.Release();
        await using var again = new DumpSource(path);
        var whole = (await again.HoldAsync(Assert.Single((await again.ReadLeavesAsync(["d"], default).SingleAsync()).Leaves), default))!;
        using var document = whole.Body.Parse();
        Assert.Equal(one, await BytesAsync(whole.Held["a ü\""]));
        Assert.Equal(two, await BytesAsync(whole.Held["b"]));
        Assert.Equal(100_000, document.RootElement.GetProperty("z").GetProperty("_attachments").GetProperty("a").GetProperty("data").GetString()!.Length);
        Assert.Equal(200_000, document.RootElement.GetProperty("data").GetString()!.Length);
    }

    [Theory]
    [InlineData("*", "no base64")]
    [InlineData("\n", "has no end")]
    [InlineData("\\", "no base64")]
    public async Task Data_that_is_none_costs_its_line_and_no_other(string damage, string reason)
    {
        var text = Convert.ToBase64String(Random(3_000_000, 1)).Insert(2_000_000, damage);
        var file = Write(
            $"[{Doc("before", "\"x\":1")}]\n[{Doc("d", $"\"_attachments\":{{\"a\":{{\"data\":\"{text}\"}}}}")},{Doc("lost", "\"x\":1")}]\n[{Doc("after", "\"x\":1")}]");
        await using var source = new DumpSource(file);

        var found = await source.ReadAllAsync(default).Select(revisions => revisions[0].Id).ToListAsync();

        Assert.Equal(["before", "after"], found);
        Assert.Contains(reason, source.UnreadableEntries[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2, source.UnreadableEntries[0].Line);
    }

    [Fact]
    public async Task A_dump_that_ends_within_the_data_is_told_and_what_stands_before_is_read()
    {
        var file = Write($"[{Doc("before", "\"x\":1")}]\n[{Doc("d", $"\"_attachments\":{{\"a\":{{\"data\":\"{Convert.ToBase64String(Random(3_000_000, 1))}")}");
        await using (var cut = new FileStream(file, FileMode.Open))
        {
            cut.SetLength(2_500_000);
        }

        await using var source = new DumpSource(file);

        Assert.Equal(["before"], await source.ReadAllAsync(default).Select(revisions => revisions[0].Id).ToListAsync());
        Assert.Equal(2, Assert.Single(source.UnreadableEntries).Line);
    }

    // couchbackup writes the batch again in which it was cut off, behind half a line and its marker.
    [Fact]
    public async Task A_dump_that_couchbackup_was_cut_off_in_within_the_data_and_went_on_with_is_whole()
    {
        var document = Doc("d", $"\"_attachments\":{{\"a\":{{\"data\":\"{Convert.ToBase64String(Random(3_000_000, 1))}\"}}}}");
        await using var source = new DumpSource(Write($"[{Doc("before", "\"x\":1")}]\n[{document[..2_500_000]}{{\"marker\":\"@cloudant/couchbackup:resume\"}}\n[{document}]\n"));

        Assert.Equal(["before", "d"], await source.ReadAllAsync(default).Select(revisions => revisions[0].Id).ToListAsync());
        Assert.Empty(source.UnreadableEntries);
    }

    private static string Doc(string id, string members) => ServerScanTests.Doc(id, 1, ["a"], members);

    private static string Attached(string name, byte[] bytes, string escaped)
    {
        var text = Convert.ToBase64String(bytes);
        text = escaped.Contains('/', StringComparison.Ordinal) ? text.Replace("/", "\\/", StringComparison.Ordinal) : text;
        text = escaped.Contains('+', StringComparison.Ordinal) ? text.Replace("+", "\\u002B", StringComparison.Ordinal) : text;
        return $"\"{name}\":{{\"content_type\":\"image/x-raw\",\"data\":\"{text}\",\"revpos\":1}}";
    }

    private static byte[] Random(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> BytesAsync(HeldAttachment attachment)
    {
        using var bytes = new MemoryStream();
        await foreach (var piece in attachment.Bytes.ReadAsync(default))
        {
            bytes.Write(piece.Span);
        }

        return bytes.ToArray();
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder, "dump.jsonl");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }
}
