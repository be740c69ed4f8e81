using System.IO.Compression;
using System.Text;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.CouchDb;

public sealed class DumpTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("integrity-dump-").FullName;

    private static readonly string Conflict =
        $"{ServerScanTests.Doc("d", 2, ["b", "a"], "\"x\":1.0")},{ServerScanTests.Doc("e", 1, ["q"], "\"x\":1e400")}";

    private static readonly string Other = ServerScanTests.Doc("d", 2, ["c", "a"], "\"x\":2,\"x\":3");
    private static readonly string Ancestor = ServerScanTests.Doc("d", 1, ["a"], "\"x\":0");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Revisions_of_one_id_are_found_wherever_they_stand(bool compressed)
    {
        var header = "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.6\",\"mode\":\"full\"}\n";
        var path = Write(header + $"[{Conflict}]\n\n[{Other},{Ancestor},{Other}]\n", compressed);

        var statistics = new ScanStatistics();
        await using var source = new DumpSource(path);
        var issue = Assert.Single(await ServerScanTests.ScanAsync(source, "all", statistics));

        var evidence = Assert.IsType<ConflictEvidence>(issue.Evidence);
        Assert.Equal(["2-c", "2-b"], evidence.Leaves.Select(leaf => leaf.Revision));
        Assert.True(evidence.AncestorAvailable);
        Assert.Equal(2, statistics.Documents);
        Assert.Equal(Other, (await source.ReadWithAttachmentsAsync(new RevisionRequest("d", new RevisionId(2, "c")), default))!.Body.ToString());
    }

    [Fact]
    public async Task A_broken_line_is_named_and_the_rest_is_scanned()
    {
        var path = Write($"[{Conflict}]\n[{{\"_id\":\"half\n[17]\n{{\"a\":1}}\n[{Other}]\n");

        await using var source = new DumpSource(path);
        var issues = await ServerScanTests.ScanAsync(source);

        Assert.Equal([2L, 3L, 4L], issues.Select(issue => issue.Evidence).OfType<EntryEvidence>().Select(entry => entry.Line));
        Assert.Single(issues, issue => issue.Type == IssueTypes.RevisionConflict);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null,\"text\",true,-1.5e3")]
    [InlineData("[{\"_id\":\"inner\"},[]]")]
    public async Task A_value_that_is_no_document_costs_only_itself_and_is_told_with_its_place(string values)
    {
        var path = Write($"[{Ancestor}]\n[{values},{Conflict},{values},{Other}]\n");

        await using var source = new DumpSource(path);
        var issues = await ServerScanTests.ScanAsync(source);

        Assert.Single(issues, issue => issue.Type == IssueTypes.RevisionConflict);
        var entries = issues.Select(issue => issue.Evidence).OfType<EntryEvidence>().ToList();
        Assert.All(entries, entry => Assert.Equal(2, entry.Line));
        Assert.StartsWith("value 1 of the line is ", entries[0].Reason, StringComparison.Ordinal);
        Assert.Equal(entries.Count, issues.Select(issue => issue.Id).Distinct().Count() - 1);
    }

    [Fact]
    public async Task Documents_that_cannot_be_read_are_told_with_their_places_in_the_line()
    {
        var path = Write($"[{{\"_id\":7}},{Conflict},{{\"no\":1}},{{\"_id\":7}},{Other}]\n");

        await using var source = new DumpSource(path);
        var issues = await ServerScanTests.ScanAsync(source);

        Assert.Equal(4, issues.Select(issue => issue.Id).Distinct().Count());
        Assert.Equal(["A do", "value 4 of", "value 5 of"], issues.Select(issue => issue.Evidence).OfType<EntryEvidence>().Select(entry => entry.Reason[..(entry.Reason[0] == 'A' ? 4 : 10)]));
    }

    [Fact]
    public async Task Many_values_that_are_no_documents_are_read_over_however_the_reads_fall()
    {
        var text = new string('x', 100_000);
        var path = Write($"[[\"{text}\",[1,2]],\"{text}\",{Conflict},{string.Join(',', Enumerable.Range(0, 30_000))},{Other}]\n");

        await using var source = new DumpSource(path);

        Assert.Single(await ServerScanTests.ScanAsync(source), issue => issue.Type == IssueTypes.RevisionConflict);
    }

    [Theory]
    [InlineData("\uFEFF", "\n")]
    [InlineData("", "")]
    [InlineData("\uFEFF{\"name\":\"b\",\"version\":\"1\",\"mode\":\"full\"}\n", "\r\n")]
    public async Task A_byte_order_mark_and_a_last_line_without_its_end_are_no_damage(string before, string after)
    {
        var path = Write($"{before}[{Conflict}]\n[{Other}]{after}");

        await using var source = new DumpSource(path);

        Assert.Equal(IssueTypes.RevisionConflict, Assert.Single(await ServerScanTests.ScanAsync(source)).Type);
    }

    [Fact]
    public async Task Half_a_line_before_a_resume_marker_is_no_fault()
    {
        var path = Write($"[{Conflict}]\n[{{\"_id\":\"half{{\"marker\":\"@cloudant/couchbackup:resume\"}}\n[{Other}]\n");

        await using var source = new DumpSource(path);

        Assert.Equal(IssueTypes.RevisionConflict, Assert.Single(await ServerScanTests.ScanAsync(source)).Type);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cut_file_gives_what_came_before_and_says_that_it_is_cut(bool compressed)
    {
        var random = new Random(1);
        var filler = string.Join('\n', Enumerable.Range(0, 3000).Select(number =>
            $"[{ServerScanTests.Doc("f" + number, 1, [random.NextInt64().ToString("x", null)], "\"x\":1")}]"));
        var path = Write($"[{Conflict}]\n[{Other}]\n{filler}\n", compressed);
        await using (var file = new FileStream(path, FileMode.Open))
        {
            file.SetLength(file.Length - (file.Length / 4) - 7);
        }

        await using var source = new DumpSource(path);
        var issues = await ServerScanTests.ScanAsync(source);

        Assert.Single(issues, issue => issue.Type == IssueTypes.RevisionConflict);
        Assert.Single(issues, issue => issue.Type == IssueTypes.UnreadableEntry);
    }

    [Fact]
    public async Task Gzip_members_one_after_another_are_one_dump()
    {
        var path = Path.Combine(folder, "two.gz");
        await File.WriteAllBytesAsync(path, [.. Gzip($"[{Conflict}]\n"), .. Gzip($"[{Other}]\n")]);

        await using var source = new DumpSource(path);

        Assert.Single(await ServerScanTests.ScanAsync(source));
    }

    [SkippableFact]
    public async Task What_a_compressed_dump_was_unpacked_into_has_no_name_that_a_killed_process_could_leave()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc: only Linux shows a process's open files as links.");
        var text = $"[{Conflict}]\n{new string(' ', 123_457)}\n[{Other}]\n";
        await using var source = new DumpSource(Write(text, compressed: true));
        Assert.Single(await ServerScanTests.ScanAsync(source));

        var length = Encoding.UTF8.GetByteCount(text);
        var open = new DirectoryInfo("/proc/self/fd").GetFiles().Where(IsUnpacked).Select(file => file.LinkTarget).ToList();
        Assert.EndsWith(" (deleted)", Assert.Single(open), StringComparison.Ordinal);

        // Through the link, which leads to the file even when its name is gone; another test may close its own meanwhile.
        bool IsUnpacked(FileInfo link)
        {
            try
            {
                if (link.LinkTarget is not { } target || !target.Contains("/integrity-", StringComparison.Ordinal) || !target.Contains(".tmp", StringComparison.Ordinal))
                {
                    return false;
                }

                using var file = File.OpenHandle(link.FullName);
                return RandomAccess.GetLength(file) == length;
            }
            catch (FileNotFoundException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_document_larger_than_any_buffer_is_read_whole()
    {
        var large = ServerScanTests.Doc("d", 2, ["c", "a"], $"\"x\":\"{new string('z', 20_000_000)}\"");
        var path = Write($"[{Conflict}]\n[{large}]\n");

        await using var source = new DumpSource(path);
        var issue = Assert.Single(await ServerScanTests.ScanAsync(source));

        Assert.Equal(large.Length, Assert.IsType<ConflictEvidence>(issue.Evidence).Leaves[0].BodyLength);
    }

    [Fact]
    public async Task While_a_dump_is_read_it_tells_how_many_bytes_of_how_many_and_afterwards_nothing()
    {
        var path = Write(string.Concat(Enumerable.Range(0, 200_000).Select(number => $"[{ServerScanTests.Doc($"d{number}", 1, ["a"], "\"x\":1")}]\n")));
        await using var source = new DumpSource(path);
        Assert.Null(source.Reading);

        var scanning = Task.Run(() => ServerScanTests.ScanAsync(source));
        var seen = new List<(long Done, long Total)>();
        while (!scanning.IsCompleted)
        {
            seen.AddRange(source.Reading is { } now ? [now] : []);
        }

        await scanning;
        Assert.Null(source.Reading);
        Assert.All(seen, now => Assert.Equal(new FileInfo(path).Length, now.Total));
        Assert.Equal(seen.Select(now => now.Done).Order(), seen.Select(now => now.Done));
        Assert.Contains(seen, now => now.Done > now.Total / 4 && now.Done <= now.Total);
    }

    [Fact]
    public async Task What_is_no_dump_at_all_is_refused()
    {
        await using var source = new DumpSource(Write("hello\nworld\n"));

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => ServerScanTests.ScanAsync(source));

        Assert.Equal(ErrorIds.DamagedFile, failure.ErrorId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_written_comes_back_byte_for_byte_and_the_header_tells_of_attachments(bool attachments)
    {
        var path = Path.Combine(folder, "written");
        string hash;
        await using (var writer = new DumpWriter(path, new DumpForm { BatchSize = 2 }))
        {
            writer.HasAttachments = attachments;
            foreach (var text in new[] { Other, Ancestor, ServerScanTests.Doc("e", 1, ["q"], "\"x\":1e400") })
            {
                await writer.WriteAsync(RawJson.FromText(text), CancellationToken.None);
            }

            Assert.False(File.Exists(path));
            (hash, var length) = await writer.CompleteAsync(CancellationToken.None);
            Assert.Equal(new FileInfo(path).Length, length);
        }

        using var header = System.Text.Json.JsonDocument.Parse((await File.ReadAllLinesAsync(path))[0]);
        Assert.Equal(attachments, header.RootElement.GetProperty("attachments").GetBoolean());
        Assert.Equal(hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path))));
        await using var source = new DumpSource(path);
        Assert.Equal(Other, (await source.ReadWithAttachmentsAsync(new RevisionRequest("d", new RevisionId(2, "c")), default))!.Body.ToString());
    }

    [Fact]
    public async Task A_dump_that_was_not_completed_leaves_nothing_behind()
    {
        await using (var writer = new DumpWriter(Path.Combine(folder, "half")))
        {
            await writer.WriteAsync(RawJson.FromText(Other), CancellationToken.None);
        }

        Assert.Empty(Directory.GetFiles(folder));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string text, bool compressed = false)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, compressed ? Gzip(text) : Encoding.UTF8.GetBytes(text));
        return path;
    }

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
