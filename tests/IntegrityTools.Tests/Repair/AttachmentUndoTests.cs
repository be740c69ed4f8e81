using System.Text;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>An undo beside people who change attachments and leave the documents' members alone.</summary>
public class AttachmentUndoTests
{
    private const string Root = """{"_id":"d","_rev":"1-aa","v":0,"_revisions":{"start":1,"ids":["aa"]}}""";

    public static TheoryData<string, string> Foreign => new()
    {
        { "text/plain", "bytEs" },
        { "text/plain", "more bytes" },
        { "text/html", "bytes" },
    };

    [SkippableTheory]
    [MemberData(nameof(Foreign))]
    public async Task An_attachment_that_somebody_replaced_after_the_undo_was_planned_is_not_taken_for_the_restored_one(string type, string bytes)
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var (database, store) = await PrepareAsync(server);
        using var client = new CouchClient(server.Address, database, server.Credential);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync(store), Strategy.HighestRev));
        var inverse = await place.PlanUndoAsync();
        await ReplaceAsync(client, type, bytes);

        var result = Assert.Single(await place.RunAsync(inverse));

        Assert.Equal(OperationOutcome.Stale, result.Outcome);
        Assert.Single((await LeavesAsync(client)).Live);
    }

    [SkippableTheory]
    [MemberData(nameof(Foreign))]
    public async Task An_attachment_that_somebody_replaced_since_the_undo_is_no_undo_that_was_done_already(string type, string bytes)
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var (database, store) = await PrepareAsync(server);
        using var client = new CouchClient(server.Address, database, server.Credential);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync(store), Strategy.HighestRev));
        var inverse = await place.PlanUndoAsync();
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(inverse)).Outcome);
        Assert.Equal(OperationOutcome.AlreadyApplied, Assert.Single(await place.RunAsync(inverse)).Outcome);
        await ReplaceAsync(client, type, bytes);
        var foreign = (await LeavesAsync(client)).Winner.Revision;

        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.RunAsync(inverse)).Outcome);

        Assert.Equal(foreign, (await LeavesAsync(client)).Winner.Revision);
    }

    [Fact]
    public async Task Equal_bytes_are_recognised_where_the_store_had_given_them_another_digest()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("dump.jsonl");
        var attachment = Attachment("text/plain", "bytes").Replace("\"data\"", "\"digest\":\"md5-ofTheCompressedForm==\",\"data\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(dump, $"[{Root},{Leaf("bb", attachment, 1)},{Leaf("cc", null, 2)}]\n");
        var repaired = place.PathOf("repaired.jsonl");
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump), Strategy.HighestRev), repaired);

        // A file that has changed since is taken back document by document instead of as a whole.
        await File.AppendAllTextAsync(repaired, """[{"_id":"new","_rev":"1-ff","_revisions":{"start":1,"ids":["ff"]}}]""" + "\n");
        var undone = Assert.Single(await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("undone.jsonl")));

        Assert.True(undone.Outcome == OperationOutcome.Applied, $"{undone.Outcome}: {undone.Message}");
    }

    private static string Attachment(string type, string bytes) =>
        $$$"""{"a.txt":{"content_type":"{{{type}}}","data":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(bytes))}}}"}}""";

    private static string Leaf(string hash, string? attachments, int value)
    {
        var member = attachments is null ? string.Empty : $"\"_attachments\":{attachments},";
        return $$$"""{"_id":"d","_rev":"2-{{{hash}}}",{{{member}}}"v":{{{value}}},"_revisions":{"start":2,"ids":["{{{hash}}}","aa"]}}""";
    }

    /// <summary>A document in conflict whose winner, the leaf that highest_rev keeps as it is, has an attachment.</summary>
    private static async Task<(string Database, string Store)> PrepareAsync(CouchDbServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, Root, Leaf("bb", null, 1), Leaf("cc", Attachment("text/plain", "bytes"), 2));
        return (database, $"couchdb://{server.Address.Authority}/{database}");
    }

    private static async Task<LeafSet> LeavesAsync(CouchClient client) =>
        await new ServerSource(client).ReadLeavesAsync(["d"], default).SingleAsync();

    private static async Task ReplaceAsync(CouchClient client, string type, string bytes)
    {
        var winner = (await LeavesAsync(client)).Winner;
        var document = $$"""{"_id":"d","_rev":"{{winner.Revision}}","_attachments":{{Attachment(type, bytes)}},"v":2}""";
        Assert.NotNull((await client.BulkDocsAsync([RawJson.FromText(document)], newEdits: true, default)).Single().Revision);
    }
}
