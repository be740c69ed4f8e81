using System.IO.Compression;
using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Restores of dumps that other programs made.</summary>
public class ForeignDumpTests
{
    private const string Header = "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":true}";
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true };

    [SkippableFact]
    public async Task What_can_be_read_of_a_damaged_one_is_restored_when_asked_for_and_what_is_lost_stands_in_the_report_and_the_ledger()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        var options = await DumpAsync(
            place,
            Header,
            $"[{ServerScanTests.Doc("a", 1, ["a"], "\"x\":1")}]",
            $"[{ServerScanTests.Doc("b", 1, ["a"], "\"x\":2")},{{\"_id\":\"lost\",]",
            "[{\"_rev\":\"1-a\"}]",
            $"[{ServerScanTests.Doc("c", 1, ["a"], "\"x\":3")}]");
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(options, default));
        Assert.Contains("in 2 places", refused.Message, StringComparison.Ordinal);
        Assert.Contains("line 3:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--skip-damaged", refused.NextStep, StringComparison.Ordinal);

        var dry = await place.Place.Engine.Backups.RestoreAsync(options with { SkipDamaged = true, DryRun = true }, default);
        var report = await place.Place.Engine.Backups.RestoreAsync(options with { SkipDamaged = true }, default);

        Assert.Equal((3L, 3L), (dry.Written, report.Written));
        Assert.Equal(dry.Damaged, report.Damaged);
        Assert.Equal(["line 3", "line 4"], report.Damaged.Select(line => line[..6]));
        Assert.Contains("2 places: what stands there is not restored", Assert.Single(report.Remarks), StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], (await place.BodiesAsync(place.Database)).Keys);
        var ledger = await place.Place.Engine.GetLedgerAsync(default);
        var recorded = Assert.Single(await ledger.ReadEventsAsync(new LedgerQuery { Kind = LedgerEventKinds.StoreRestored }, default).ToListAsync());
        using var data = recorded.Event.Data.Parse();
        Assert.Equal(report.Damaged, data.RootElement.GetProperty("damaged").EnumerateArray().Select(line => line.GetString()!));

        await place.UndoAsync(report);
        Assert.Contains("\"doc_count\":0", await place.Server.GetAsync(place.Database), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task One_of_which_no_line_can_be_read_is_refused_like_any_damaged_one()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        var options = await DumpAsync(place, Header, "[{\"_id\":\"lost\",]");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(options, default));

        Assert.Equal(ErrorIds.DamagedFile, refused.ErrorId);
        Assert.Contains("line 2:", refused.Message, StringComparison.Ordinal);
    }

    // couchbackup writes contentType, which CouchDB passes over: the type was application/octet-stream afterwards.
    [SkippableFact]
    public async Task Attachments_keep_the_type_that_couchbackup_calls_contentType_small_and_large_new_and_overwritten()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("there", 2, ["z", "a"], "\"x\":9"), ServerScanTests.Doc("branch", 2, ["z", "a"], "\"x\":9"));
        string Attached(string name, int length) => $"\"{name}\":{{\"contentType\":\"text/x-mine\",\"revpos\":1,\"data\":\"{Convert.ToBase64String(new byte[length])}\"}}";
        var options = await DumpAsync(
            place,
            Header,
            $"[{ServerScanTests.Doc("small", 1, ["a"], $"\"contentType\":\"contentType\",\"_attachments\":{{{Attached("contentType", 3)},{Attached("b", 4)},\"c\":{{\"content_type\":\"text/y\",\"contentType\":\"no\",\"data\":\"YQ==\"}}}}")}]",
            $"[{ServerScanTests.Doc("large", 1, ["a"], $"\"_attachments\":{{{Attached("a", 2_000_000)},{Attached("b", 4)}}}")},{ServerScanTests.Doc("there", 1, ["a"], $"\"_attachments\":{{{Attached("a", 3)}}}")}]",
            $"[{ServerScanTests.Doc("branch", 3, ["c", "b", "a"], $"\"_attachments\":{{{Attached("a", 3)}}}")}]");

        var report = await place.Place.Engine.Backups.RestoreAsync(options with { Overwrite = true }, default);

        Assert.Empty(report.Failed);
        Assert.Equal("text/x-mine,text/x-mine,text/y", await TypesAsync(place, "small"));
        Assert.Equal("text/x-mine,text/x-mine", await TypesAsync(place, "large"));
        Assert.Equal("text/x-mine", await TypesAsync(place, "there"));
        Assert.Equal("text/x-mine", await TypesAsync(place, "branch"));
        Assert.Contains("\"contentType\":\"contentType\"", await place.Server.GetAsync($"{place.Database}/small"), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task What_all_docs_answered_is_scanned_tested_and_restored_as_a_dump(bool compress, bool pretty)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var answer = await place.Server.GetAsync($"{place.Database}/_all_docs?include_docs=true");
        answer = pretty ? JsonSerializer.Serialize(JsonDocument.Parse(answer).RootElement, Pretty) : answer;
        var dump = place.Place.PathOf(compress ? "all.json.gz" : "all.json");
        await using (var file = File.Create(dump))
        await using (var target = compress ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
        {
            await target.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer));
        }

        Assert.DoesNotContain(await place.Place.ScanAsync("couchdump:" + dump), issue => issue.Type == IssueTypes.UnreadableEntry);
        Assert.All((await place.Place.Engine.Backups.TestAsync(dump, null, null, default)).Faults, fault => Assert.Contains("has not their data", fault.Message, StringComparison.Ordinal));
        var copy = await place.Server.CreateDatabaseAsync();
        var options = new RestoreOptions { Backup = dump, Store = place.StoreOf(copy), Credential = place.Server.Credential };
        var dry = await place.Place.Engine.Backups.RestoreAsync(options with { DryRun = true }, default);
        var report = await place.Place.Engine.Backups.RestoreAsync(options, default);

        // It names attachments and has no bytes of them: those documents are told, before and after, the others are there under the same revisions.
        Assert.Equal(report.Failed, dry.Failed);
        Assert.NotEmpty(report.Failed);
        Assert.All(report.Failed, failed => Assert.Contains("attachments", failed, StringComparison.Ordinal));
        Assert.Contains("\"_rev\":\"1-a\"", await place.Server.GetAsync($"{copy}/number"));
        Assert.Contains("\"n\":1.0,\"big\":9007199254740993", await place.Server.GetAsync($"{copy}/number"));
        await place.Server.DeleteAsync(copy);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_of_all_docs_without_bodies_passed_for_a_database_without_issues(bool compress)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var dump = place.Place.PathOf("none.json");
        await using (var file = File.Create(dump))
        await using (var target = compress ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
        {
            await target.WriteAsync(System.Text.Encoding.UTF8.GetBytes(await place.Server.GetAsync($"{place.Database}/_all_docs")));
        }

        var restore = new RestoreOptions { Backup = dump, Store = place.Store, Credential = place.Server.Credential };
        foreach (var work in new Func<Task>[]
            { () => place.Place.ScanAsync("couchdump:" + dump).AsTask(), () => place.Place.Engine.Backups.RestoreAsync(restore, default), () => place.Place.Engine.Backups.TestAsync(dump, null, null, default) })
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(work);
            Assert.Contains("include_docs=true was left out", refused.Message, StringComparison.Ordinal);
            Assert.Equal((ErrorIds.DamagedFile, dump), (refused.ErrorId, refused.Target));
        }
    }

    [SkippableTheory]
    [InlineData("limit=2", false)]
    [InlineData("skip=1", true)]
    [InlineData("keys=[%22number%22]", false)]
    public async Task A_part_of_what_all_docs_can_answer_passed_for_the_whole_database(string part, bool sorted)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var dump = place.Place.PathOf("part.json");
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await place.Server.GetAsync($"{place.Database}/_all_docs?include_docs=true&{part}"))!.AsObject();
        if (sorted)
        {
            var total = answer["total_rows"]!;
            answer.Remove("total_rows");
            answer.Add("total_rows", total);
        }

        await File.WriteAllTextAsync(dump, answer.ToJsonString());

        var issue = Assert.Single(await place.Place.ScanAsync("couchdump:" + dump), issue => issue.Type == IssueTypes.UnreadableEntry);
        Assert.Contains("as when limit, skip or keys were given", issue.Message, StringComparison.Ordinal);
        var restore = new RestoreOptions { Backup = dump, Store = place.Store, Credential = place.Server.Credential };
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(restore, default));
        Assert.Contains("--skip-damaged", refused.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_all_docs_behind_a_byte_order_mark_was_no_dump()
    {
        await using var place = new Workplace("validation:\n  known_types: [none]\n");
        var dump = place.PathOf("mark.json");
        await File.WriteAllTextAsync(dump, "\uFEFF{\"total_rows\":1,\"offset\":0,\"rows\":[{\"id\":\"a\",\"key\":\"a\",\"value\":{\"rev\":\"1-a\"},\"doc\":{\"_id\":\"a\",\"_rev\":\"1-a\",\"@type\":\"x\"}}]}");

        Assert.Equal("a", Assert.Single(await place.ScanAsync("couchdump:" + dump)).Subject);
    }

    // Of ids that were asked for by name, CouchDB answers deleted ones with "doc": null and unknown ones with an error.
    [Fact]
    public async Task Rows_of_all_docs_without_a_document_to_give_are_passed_over()
    {
        await using var place = new Workplace("resolution: {}\n");
        var dump = place.PathOf("keys.json");
        await File.WriteAllTextAsync(
            dump, "{\"total_rows\":1,\"rows\":[{\"key\":\"x\",\"error\":\"not_found\"},{\"id\":\"y\",\"key\":\"y\",\"value\":{\"rev\":\"2-a\",\"deleted\":true},\"doc\":null}]}");

        Assert.Empty(await place.ScanAsync("couchdump:" + dump));
    }

    [SkippableFact]
    public async Task A_dump_of_another_program_is_restored_wherever_its_revisions_stand_and_a_broken_line_stops_it_before_it_writes()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        var dump = place.Place.PathOf("dump.jsonl");
        string[] lines =
        [
            "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":false}",
            $"[{ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1")},{ServerScanTests.Doc("d", 1, ["a"], "\"x\":5")}]",
            $"[{ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2")}]",
        ];
        await File.WriteAllLinesAsync(dump, lines);
        var options = new RestoreOptions { Backup = dump, Store = place.Store, Credential = place.Server.Credential };

        var report = await place.Place.Engine.Backups.RestoreAsync(options, default);

        Assert.Equal(2, report.Written);
        Assert.Equal("2|1", (await place.BodiesAsync(place.Database))["c"]);
        await place.UndoAsync(report);
        await File.WriteAllLinesAsync(dump, [.. lines, "[{\"_id\":\"e\",]"]);
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(options, default));
        Assert.Equal(ErrorIds.DamagedFile, failure.ErrorId);
        Assert.Contains("line 4:", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<RestoreOptions> DumpAsync(ServerPlace place, params string[] lines)
    {
        var dump = place.Place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, lines);
        return new RestoreOptions { Backup = dump, Store = place.Store, Credential = place.Server.Credential };
    }

    private static async Task<string> TypesAsync(ServerPlace place, string id)
    {
        using var document = JsonDocument.Parse(await place.Server.GetAsync($"{place.Database}/{id}"));
        return string.Join(',', document.RootElement.GetProperty("_attachments").EnumerateObject().OrderBy(one => one.Name == "contentType" ? "a" : one.Name, StringComparer.Ordinal)
            .Select(one => one.Value.GetProperty("content_type").GetString()));
    }
}
