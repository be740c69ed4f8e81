using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>What comes back of a backup of a database, and what an undo of that gives back.</summary>
public class CouchRestoreTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restored_database_has_the_same_leaves_histories_attachments_and_settings(bool compress)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        await place.Server.PutAsync($"{place.Database}/_security", "{\"admins\":{\"names\":[\"ada\"],\"roles\":[]},\"members\":{\"names\":[],\"roles\":[\"r\"]}}");
        await place.Server.PutAsync($"{place.Database}/_revs_limit", "77");
        await place.Server.PutAsync($"{place.Database}/_local/mark%2F1", "{\"at\":5}");

        var made = await place.BackUpAsync(compress: compress, local: true);
        Assert.NotNull(made.VerifiedAt);
        Assert.Equal(44, made.Counts["documents"]);
        Assert.Equal(17, made.Counts["attachments"]);
        Assert.Equal(1, made.Counts["local"]);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        try
        {
            var report = await place.RestoreAsync(made, copy);

            Assert.True(report.Created);
            Assert.Empty(report.Failed);
            Assert.Equal(44, report.Written);
            Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
            Assert.Equal("hello world"u8.ToArray(), await place.Server.GetBytesAsync($"{copy}/with%20file/a%20b"));
            Assert.Contains("ada", await place.Server.GetAsync($"{copy}/_security"));
            Assert.Equal("77", (await place.Server.GetAsync($"{copy}/_revs_limit")).Trim());
            var undo = await place.Place.Engine.PlanUndoAsync(report.ExecutionId!, place.Server.Credential, record: false, default);
            Assert.Contains("The database stays", Assert.Single(undo.Operations).Reason, StringComparison.Ordinal);
            Assert.Contains("\"at\":5", await place.Server.GetAsync($"{copy}/_local/mark%2F1"));

            var again = await place.RestoreAsync(made, copy);
            Assert.Equal((0L, 44L), (again.Written, again.Unchanged));
        }
        finally
        {
            await place.Server.DeleteAsync(copy);
        }
    }

    [SkippableFact]
    public async Task A_dry_run_of_a_restore_makes_no_database()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");

        var report = await place.RestoreAsync(made, copy, dryRun: true);

        Assert.True(report.Created);
        Assert.Equal(44, report.Written);
        Assert.DoesNotContain(copy, await place.Server.GetAsync("_all_dbs"));
    }

    [SkippableFact]
    public async Task What_is_newer_is_listed_and_left_alone_until_overwriting_is_asked_for_which_can_be_taken_back()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            ServerScanTests.Doc("edited", 1, ["a"], CouchBackups.Attached), ServerScanTests.Doc("same", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("lost", 1, ["a"], "\"x\":1"));
        var made = await place.BackUpAsync();
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("edited", 2, ["b", "a"], "\"x\":2"), ServerScanTests.Doc("lost", 2, ["b", "a"], "\"_deleted\":true"));
        var before = await place.LeavesAsync(place.Database);

        var careful = await place.RestoreAsync(made, place.Database);
        Assert.Equal(["edited", "lost"], careful.Newer);
        Assert.False(careful.Overwritten);
        Assert.Equal((0L, 1L), (careful.Written, careful.Unchanged));
        Assert.Equal(before, await place.LeavesAsync(place.Database));

        var preview = await place.RestoreAsync(made, place.Database, overwrite: true, dryRun: true);
        Assert.Equal(2, preview.Written);
        Assert.Equal(["edited", "lost"], preview.Newer);
        Assert.Equal(before, await place.LeavesAsync(place.Database));

        var forced = await place.RestoreAsync(made, place.Database, overwrite: true);
        Assert.Empty(forced.Failed);
        Assert.Equal(2, forced.Written);
        Assert.Contains("\"x\":1", await place.Server.GetAsync($"{place.Database}/edited"));
        Assert.Contains("\"x\":1", await place.Server.GetAsync($"{place.Database}/lost"));
        Assert.Equal("hello world"u8.ToArray(), await place.Server.GetBytesAsync($"{place.Database}/edited/a%20b"));

        // Twice is once: what reads as in the backup is not written again.
        Assert.Equal((0L, 3L), await place.RestoreAsync(made, place.Database, overwrite: true) is var again ? (again.Written, again.Unchanged) : default);

        await place.UndoAsync(forced);
        Assert.Contains("\"x\":2", await place.Server.GetAsync($"{place.Database}/edited"));
        Assert.DoesNotContain("\"lost\"", await place.Server.GetAsync($"{place.Database}/_all_docs"));
        Assert.True((await place.Place.VerifyAsync()).Ok);
    }

    [SkippableFact]
    public async Task Branches_that_are_gone_come_back_and_the_winner_of_the_backup_wins_again_until_it_is_undone()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2"), ServerScanTests.Doc("behind", 3, ["c", "b", "a"], "\"x\":3"),
            ServerScanTests.Doc("apart", 1, ["f"], "\"x\":\"ours\""), ServerScanTests.Doc("gone", 2, ["b", "a"], "\"_deleted\":true"),
            ServerScanTests.Doc("dead", 2, ["b", "a"], "\"_deleted\":true"));
        var made = await place.BackUpAsync();
        var other = await place.Server.CreateDatabaseAsync();
        await place.Server.InsertAsync(
            other,
            ServerScanTests.Doc("c", 4, ["e", "d", "b", "a"], "\"x\":9"), ServerScanTests.Doc("behind", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("own", 1, ["a"], "\"x\":0"),
            ServerScanTests.Doc("apart", 1, ["9"], "\"x\":\"theirs\""), ServerScanTests.Doc("gone", 3, ["c", "b", "a"], "\"x\":7"),
            ServerScanTests.Doc("dead", 1, ["a"], "\"x\":\"older\""));
        var before = await place.BodiesAsync(other);

        var report = await place.RestoreAsync(made, other, overwrite: true);

        Assert.Empty(report.Failed);
        Assert.Equal(["apart", "c", "gone"], report.Newer);
        Assert.Equal(["\"theirs\"", "\"ours\""], [before["apart"], (await place.BodiesAsync(other))["apart"]]);
        Assert.Equal(["2", "1"], (await place.BodiesAsync(other))["c"].Split('|'));
        Assert.Equal("3", (await place.BodiesAsync(other))["behind"]);
        Assert.Equal("", (await place.BodiesAsync(other))["gone"]);
        Assert.Equal("", (await place.BodiesAsync(other))["dead"]);
        Assert.Equal("0", (await place.BodiesAsync(other))["own"]);
        await place.UndoAsync(report);
        Assert.Equal(before, await place.BodiesAsync(other));
        await place.Server.DeleteAsync(other);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Undoing_a_restore_takes_out_what_was_not_there_and_leaves_alone_what_was_changed_since(bool empty)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var other = await place.Server.CreateDatabaseAsync();
        if (!empty)
        {
            await place.Server.InsertAsync(other, ServerScanTests.Doc("own", 1, ["a"], "\"x\":0"), ServerScanTests.Doc("number", 1, ["a"], "\"n\":1.0,\"big\":9007199254740993,\"text\":\"\\u00e4\""));
        }

        var report = await place.RestoreAsync(made, other);
        Assert.Equal(empty ? 44 : 43, report.Written);
        await place.Server.InsertAsync(other, ServerScanTests.Doc("with file", 2, ["b", "a"], "\"x\":5"));

        var result = Assert.Single(await place.UndoAsync(report, OperationOutcome.Stale));

        Assert.StartsWith("with file", Assert.Single(result.Refused), StringComparison.Ordinal);
        Assert.Equal(
            empty ? ["with file"] : ["number", "own", "with file"],
            (await place.BodiesAsync(other)).Where(document => document.Value.Length > 0).Select(document => document.Key));
        await place.Server.DeleteAsync(other);
    }

    [SkippableFact]
    public async Task A_restore_that_was_cut_off_is_resumed_and_one_that_another_repairs_is_refused()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");
        using var stop = new CancellationTokenSource();
        RepairExecution? execution = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = made.Path,
                Store = place.StoreOf(copy),
                Credential = place.Server.Credential,
                ExecutionChanged = changed =>
                {
                    execution = changed;
                    stop.Cancel();
                },
            },
            stop.Token));

        var results = await place.Place.ResumeAsync(execution!.Id);

        Assert.Equal(44, Assert.Single(results).Written);
        var events = (await place.Place.Engine.GetLedgerAsync(default)).ReadEventsAsync(new LedgerQuery { Kind = LedgerEventKinds.StoreRestored }, default);
        var restored = JsonSerializer.Deserialize((await events.SingleAsync()).Event.Data.Utf8.Span, ModelJson.Default.RestoreReport)!;
        Assert.Equal((made.Id, execution.Id, 44, false), (restored.BackupId, restored.ExecutionId, restored.Written, restored.DryRun));
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.PutAsync($"{copy}/_local/integritytools-lease", $$$"""
            {"holder":{"execution":"exec-other","nonce":"n"},"owner":"ada@elsewhere","expires_at":"{{{DateTimeOffset.UtcNow.AddHours(1):O}}}"}
            """);
        await place.Server.InsertAsync(copy, ServerScanTests.Doc("with file", 2, ["b", "a"], "\"x\":5"));
        var held = await Assert.ThrowsAsync<IntegrityException>(() => place.RestoreAsync(made, copy, overwrite: true));
        Assert.Equal(ErrorIds.LeaseHeld, held.ErrorId);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task Chosen_documents_are_restored_alone()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();

        Assert.Equal(2, (await place.RestoreAsync(made, copy, subjects: ["number", "with file"])).Written);

        Assert.Equal(["number", "with file"], (await place.LeavesAsync(copy)).Keys);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chosen_document_that_the_backup_has_not_was_passed_over_without_a_word(bool exists)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var copy = exists ? await place.Server.CreateDatabaseAsync() : "copy" + Guid.NewGuid().ToString("N");

        var nothing = await place.RestoreAsync(made, copy, subjects: "mistyped");

        Assert.Equal(["mistyped: the backup has no such document"], nothing.Failed);
        Assert.Equal((0L, false, null), (nothing.Written, nothing.Created, nothing.ExecutionId));
        Assert.Equal(exists, (await place.Server.GetAsync("_all_dbs")).Contains(copy, StringComparison.Ordinal));
        var some = await place.RestoreAsync(made, copy, subjects: ["mistyped", "number"]);
        Assert.Equal((1L, 1), (some.Written, some.Failed.Count));
        await place.Server.DeleteAsync(copy);
    }

    // Its own member was taken for a mark that CouchDB puts at attachments without data.
    [SkippableFact]
    public async Task A_document_with_attachments_and_a_member_of_its_own_named_stub_comes_back()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"stub\":true,\"_attachments\":{\"stub\":{\"content_type\":\"text/x\",\"data\":\"YQ==\"}}"));
        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");

        Assert.Empty((await place.RestoreAsync(made, copy)).Failed);

        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task Local_documents_of_a_chain_come_back_and_the_lease_is_none_of_them()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        await place.Server.PutAsync($"{place.Database}/_local/mark", "{\"at\":1}");
        await place.Server.PutAsync($"{place.Database}/_local/integritytools-lease", "{\"holder\":{\"execution\":\"e\",\"nonce\":\"n\"},\"owner\":\"o\",\"expires_at\":\"2099-01-01T00:00:00Z\"}");
        await place.BackUpAsync(local: true);
        await place.Server.PutAsync($"{place.Database}/_local/mark", "{\"at\":2}");
        var second = await place.BackUpAsync(incremental: true, local: true);
        Assert.Equal((BackupMode.Incremental, 1L), (second.Mode, second.Counts["local"]));
        var last = await place.BackUpAsync(incremental: true);
        var copy = "copy" + Guid.NewGuid().ToString("N");

        await place.RestoreAsync(last, copy);

        Assert.Contains("\"at\":2", await place.Server.GetAsync($"{copy}/_local/mark"));
        await place.Server.PutAsync($"{place.Database}/_local/mark", "{\"_rev\":\"0-2\",\"at\":3}");
        Assert.Contains((await place.RestoreAsync(last, place.Database)).Remarks, remark => remark.Contains("its _local documents stay", StringComparison.Ordinal));
        Assert.Contains("\"at\":3", await place.Server.GetAsync($"{place.Database}/_local/mark"));
        await place.Server.DeleteAsync(copy);
    }
}
