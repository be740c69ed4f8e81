using System.IO.Compression;
using System.Text;

namespace IntegrityTools.Cli.Tests;

/// <summary>Files that are no dumps passed for databases without issues; a scan, a plan and a restore of them say what they are.</summary>
public sealed class NoDumpTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "empty.jsonl", [], "is empty: it has no byte" },
        { "blank.jsonl", "  \n\t\r\n\n"u8.ToArray(), "holds nothing but spaces" },
        { "mark.jsonl", [0xef, 0xbb, 0xbf], "holds nothing but spaces" },
        { "empty.jsonl.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], "is compressed and holds nothing" },
        { "blank.jsonl.gz", Gzip("\n\n"), "is compressed and holds nothing" },
        { "app.jsonl", [.. "SQLite format 3\0"u8, .. new byte[4080]], "it is a SQLite database" },
        { "picture.jsonl", [0x89, (byte)'P', (byte)'N', (byte)'G', 0, 0, 1, 2, 3], "it is a binary file" },
        { "zeros.jsonl", new byte[10_000], "it is a binary file" },
        { "archive.jsonl", [.. "PK\u0003\u0004"u8, 1, 2, 3], "a zip archive" },
        { "text.jsonl", "id,name\n1,ada\n"u8.ToArray(), "line 1: it is no JSON" },
    };

    public void Dispose() => cli.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_that_is_no_dump_was_scanned_as_0_issues_and_is_refused_with_what_it_is(string name, byte[] content, string said)
    {
        await File.WriteAllBytesAsync(cli.At(name), content);

        foreach (var verb in new[] { "scan", "plan" })
        {
            var result = (await cli.RunAsync(verb, "couchdump:" + name)).Expect(1);
            Assert.Contains(said, Joined(result.Error), StringComparison.Ordinal);
            Assert.Contains("Next:", result.Error, StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_dump_was_told_to_lack_permissions()
    {
        Directory.CreateDirectory(cli.At("backups"));

        var result = (await cli.RunAsync("scan", "couchdump:backups")).Expect(2);

        Assert.Contains("is a folder", result.Error, StringComparison.Ordinal);
        Assert.Contains("integrity backup list", Joined(result.Error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"total_rows\":0,\"offset\":0,\"rows\":[]}")]
    [InlineData("{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.1\",\"mode\":\"full\"}\n")]
    [InlineData("[]\n")]
    public async Task A_dump_of_an_empty_database_has_no_issues(string content)
    {
        await File.WriteAllTextAsync(cli.At("none.jsonl"), content);

        (await cli.RunAsync("scan", "couchdump:none.jsonl")).Expect(0);
    }

    private static string Joined(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static byte[] Gzip(string text)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return file.ToArray();
    }
}
