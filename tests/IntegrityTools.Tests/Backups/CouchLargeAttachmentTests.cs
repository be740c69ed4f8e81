using System.Text;
using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Attachments that travel beside the JSON, since they are large, between a server and a dump.</summary>
public class CouchLargeAttachmentTests
{
    private const int Large = 1_500_001;

    private static string[] Branched =>
    [
        ServerScanTests.Doc("d", 1, ["a"], Attached(("a", Large, 1))),
        ServerScanTests.Doc("d", 2, ["b", "a"], Attached(("a", Large, 2))),
        ServerScanTests.Doc("d", 2, ["c", "a"], Attached(("a", Large, 3), ("small", 5, 4))),
        ServerScanTests.Doc("e", 1, ["a"], "\"x\":1"),
    ];

    // CouchDB takes all of these; few programs send the dots as they are.
    [SkippableFact]
    public async Task Whatever_their_names_and_their_documents_ids_are_they_come_back_byte_for_byte()
    {
        string[] names = [".", "..", "a/b", "../c", "ü ?#%2E\"", "x y"];
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, [.. new[] { ".", "..", "../x", "a/b", "_design/d.d", "ü ?#%2E&" }.Select((id, index) => ServerScanTests.Doc(id, 1, ["a"], Attached((names[index], Large, index))))]);

        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");
        var report = await place.RestoreAsync(made, copy);

        Assert.Empty(report.Failed);
        Assert.Equal(6, made.Counts["attachments"]);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        Assert.True((await place.TestAsync(made, place.StoreOf(copy))).Ok);
        await place.Server.DeleteAsync(copy);
    }

    // Base64 of random bytes has no repeats to find and a quarter to give back; base64 of a text that repeats itself has both.
    [SkippableFact]
    public async Task Data_that_is_compressed_already_took_a_third_more_room_in_a_backup_than_it_has_bytes()
    {
        const int medium = 300_000;
        var text = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("The same line again and again. ", 30_000))));
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            ServerScanTests.Doc("a", 1, ["a"], "\"x\":1"),
            ServerScanTests.Doc("b", 1, ["a"], Attached(("medium", medium, 1))),
            ServerScanTests.Doc("c", 1, ["a"], $"\"_attachments\":{{\"t\":{{\"content_type\":\"text/plain\",\"revpos\":1,\"data\":\"{text}\"}}}}"),
            ServerScanTests.Doc("d", 1, ["a"], Attached(("large", Large, 2))),
            ServerScanTests.Doc("e", 1, ["a"], "\"x\":1"));

        var made = await place.BackUpAsync();

        Assert.InRange(made.Files.Sum(file => file.Length), medium + Large, (medium + Large) * 1.05);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        Assert.Empty((await place.RestoreAsync(made, copy)).Failed);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task All_branches_of_a_document_come_back_with_their_own_and_the_ancestors()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Branched);
        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");

        var report = await place.RestoreAsync(made, copy);

        Assert.Equal(2, report.Written);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        Assert.Equal(Bytes(Large, 1), await place.Server.GetBytesAsync($"{copy}/d/a?rev=1-a"));
        Assert.Equal(2, (await place.RestoreAsync(made, copy)).Unchanged);
        await place.UndoAsync(report);
        Assert.Contains("\"doc_count\":0", await place.Server.GetAsync(copy), StringComparison.Ordinal);
        await place.Server.DeleteAsync(copy);
    }

    // Its revisions are written one by one: of a run that was cut off between two of them a resume writes the rest, and an undo removes the first.
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_document_of_which_a_run_that_was_cut_off_had_written_one_branch_is_finished_by_a_resume_and_taken_back_by_an_undo(bool resume)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Branched);
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();
        await place.Server.InsertAsync(copy, ServerScanTests.Doc("other", 1, ["a"], "\"x\":1"));
        using var proxy = CuttingTheSecondBranch(place);
        var execution = await RestoreCutOffAsync(place, proxy, made, copy);

        if (resume)
        {
            Assert.All(await place.Place.ResumeAsync(execution.Id), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));

            Assert.Equal((await place.LeavesAsync(place.Database))["d"], (await place.LeavesAsync(copy))["d"]);
        }
        else
        {
            var plan = await place.Place.Engine.PlanUndoAsync(execution.Id, place.Server.Credential, record: true, default);
            Assert.All(await place.Place.RunAsync(plan), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));

            Assert.Equal(["other"], (await place.BodiesAsync(copy)).Where(body => body.Value.Length > 0).Select(body => body.Key));
        }

        await place.Server.DeleteAsync(copy);
    }

    // unauthorized answers a single write with 401, which is no word about the login.
    [SkippableTheory]
    [InlineData("forbidden")]
    [InlineData("unauthorized")]
    public async Task One_that_the_database_refuses_is_told_and_the_others_are_restored(string refusal)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Branched);
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();
        await place.Server.InsertAsync(copy, ServerScanTests.Doc("_design/v", 1, ["a"], "\"validate_doc_update\":\"function (doc) { if (doc._id === 'd') { throw({ " + refusal + ": 'not this one' }); } }\""));

        var report = await place.RestoreAsync(made, copy);

        Assert.Equal(1, report.Written);
        Assert.Contains($"d: {refusal}: not this one", Assert.Single(report.Failed), StringComparison.Ordinal);
        Assert.Equal(["_design/v", "e"], (await place.LeavesAsync(copy)).Keys);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_document_that_others_wrote_to_while_only_one_branch_of_it_was_back_is_told_by_a_resume_and_left_as_they_wrote_it()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Branched);
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();
        await place.Server.InsertAsync(copy, ServerScanTests.Doc("other", 1, ["a"], "\"x\":1"));
        using var proxy = CuttingTheSecondBranch(place);
        var execution = await RestoreCutOffAsync(place, proxy, made, copy);
        await place.Server.InsertAsync(copy, ServerScanTests.Doc("d", 2, ["edited", "a"], "\"by\":\"somebody\""));

        var result = Assert.Single(await place.Place.ResumeAsync(execution.Id));

        Assert.Equal(OperationOutcome.Failed, result.Outcome);
        Assert.Contains("d: it was written to since the restore was cut off", Assert.Single(result.Refused), StringComparison.Ordinal);
        Assert.Contains("\"by\":\"somebody\"", await place.Server.GetAsync($"{copy}/d"), StringComparison.Ordinal);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_read_that_breaks_off_is_repeated()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Branched);
        var cuts = 0;
        using var proxy = new CuttingProxy(
            place.Server.Address, line => Task.FromResult(line.Contains("/d/a?rev=", StringComparison.Ordinal) && ++cuts <= 2 ? Cut.HalfAnswer : Cut.None));

        var made = await place.Place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Credential = place.Server.Credential, Folder = place.Folder() }, default);

        Assert.True(cuts > 2);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        await place.RestoreAsync(made, copy);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.DeleteAsync(copy);
    }

    private static CuttingProxy CuttingTheSecondBranch(ServerPlace place)
    {
        var writes = 0;
        return new CuttingProxy(
            place.Server.Address, line => Task.FromResult(line.StartsWith("PUT", StringComparison.Ordinal) && line.Contains("/d?new_edits", StringComparison.Ordinal) && ++writes == 2 ? Cut.Request : Cut.None));
    }

    /// <summary>A restore that ends when one branch of its document is written.</summary>
    private static async Task<RepairExecution> RestoreCutOffAsync(ServerPlace place, CuttingProxy proxy, BackupManifest made, string copy)
    {
        RepairExecution? execution = null;
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = made.Path,
                Store = $"couchdb://{proxy.Authority}/{copy}",
                Credential = place.Server.Credential,
                ExecutionChanged = changed => execution = changed,
            },
            default));
        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
        Assert.Contains("\"1-a\"", await place.Server.GetAsync($"{copy}/d"), StringComparison.Ordinal);
        return execution!;
    }

    private static string Attached(params (string Name, int Length, int Seed)[] attachments) => "\"_attachments\":{" + string.Join(',', attachments.Select(attachment =>
        $"{JsonSerializer.Serialize(attachment.Name)}:{{\"content_type\":\"image/x-raw\",\"revpos\":1,\"data\":\"{Convert.ToBase64String(Bytes(attachment.Length, attachment.Seed))}\"}}")) + "}";

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
