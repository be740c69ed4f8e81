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
        Assert.Contains("2 places", Assert.Single(report.Remarks), StringComparison.Ordinal);
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
