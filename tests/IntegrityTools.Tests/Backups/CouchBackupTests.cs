using System.IO.Compression;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

public class CouchBackupTests
{
    private const string Attached = "\"x\":1,\"_attachments\":{\"a b\":{\"content_type\":\"text/plain\",\"revpos\":1,\"data\":\"aGVsbG8gd29ybGQ=\"}}";

    private static string[] Revisions =>
    [
        .. new RandomTrees(7).Documents(40).SelectMany(document => document.Revisions),
        ServerScanTests.Doc("with file", 1, ["a"], Attached),
        ServerScanTests.Doc("gone", 2, ["b", "a"], "\"_deleted\":true,\"why\":\"kept\""),
        ServerScanTests.Doc("number", 1, ["a"], "\"n\":1.0,\"big\":9007199254740993,\"text\":\"\\u00e4\""),
        ServerScanTests.Doc("_design/d", 1, ["a"], "\"views\":{}"),
    ];

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restored_database_has_the_same_leaves_histories_attachments_and_settings(bool compress)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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
            ServerScanTests.Doc("edited", 1, ["a"], Attached), ServerScanTests.Doc("same", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("lost", 1, ["a"], "\"x\":1"));
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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
    public async Task A_chain_restores_to_any_of_its_points_and_tells_a_link_that_is_missing()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        var states = new List<SortedDictionary<string, string>>();
        var chain = new List<BackupManifest>();
        for (var step = 0; step < 3; step++)
        {
            if (step > 0)
            {
                await place.Server.InsertAsync(
                    place.Database,
                    ServerScanTests.Doc("number", step + 1, [.. Enumerable.Range(0, step + 1).Select(number => $"{(char)('a' + step - number)}")], $"\"n\":{step}"),
                    ServerScanTests.Doc($"new {step}", 1, ["a"], "\"x\":1"));
            }

            chain.Add(await place.BackUpAsync(incremental: true));
            states.Add(await place.LeavesAsync(place.Database));
        }

        Assert.Equal([BackupMode.Full, BackupMode.Incremental, BackupMode.Incremental], chain.Select(link => link.Mode));
        Assert.Equal(2, chain[2].Counts["documents"]);
        foreach (var (index, link) in chain.Index())
        {
            Assert.True((await place.TestAsync(link)).Ok);
            var copy = "copy" + Guid.NewGuid().ToString("N");
            await place.RestoreAsync(link, copy);
            Assert.Equal(states[index], await place.LeavesAsync(copy));
            await place.Server.DeleteAsync(copy);
        }

        File.Delete(chain[1].Path);
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.RestoreAsync(chain[2], "copy"));
        Assert.Equal(ErrorIds.DamagedFile, failure.ErrorId);
        Assert.Contains(chain[1].Id, failure.Message, StringComparison.Ordinal);

        // The next one builds on what is whole, not on the broken chain.
        Assert.Equal(chain[0].Id, (await place.BackUpAsync(incremental: true)).Parent);
    }

    [SkippableTheory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Damage_is_told_with_its_place_and_nothing_is_restored_of_it(bool compress, bool cut)
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, [.. Enumerable.Range(0, 3000).Select(number => ServerScanTests.Doc($"d{number}", 1, ["a"], $"\"text\":\"{Guid.NewGuid()}{Guid.NewGuid()}\""))]);
        var made = await place.BackUpAsync(compress: compress);
        var file = Path.Combine(place.Folder(), made.Files[0].Name);
        var bytes = await File.ReadAllBytesAsync(file);
        var middle = bytes.Length / 2;
        bytes[middle] ^= 4;
        await File.WriteAllBytesAsync(file, cut ? [.. bytes[..middle], .. bytes[(middle + 1000)..]] : bytes);

        var found = await place.TestAsync(made);

        Assert.False(found.Ok);
        var span = found.Faults[0].Place!.Split(' ');
        Assert.InRange(middle, long.Parse(span[1], null), long.Parse(span[3], null));
        Assert.True(long.Parse(span[3], null) - long.Parse(span[1], null) <= 65536);
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.RestoreAsync(made, "copy"));
        Assert.Equal(ErrorIds.DamagedFile, failure.ErrorId);
    }

    [SkippableFact]
    public async Task A_test_restores_to_a_scratch_database_scans_it_and_removes_it()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            ServerScanTests.Doc("c", 1, ["a"], "\"x\":0"), ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2"));
        var made = await place.BackUpAsync();

        var onServer = await place.TestAsync(made, place.Store);
        var inFile = await place.TestAsync(made);

        Assert.True(onServer.Ok && inFile.Ok);
        Assert.Equal(3, made.Counts["revisions"]); // The common ancestor was still there.
        Assert.Equal(1, onServer.IssuesByType!["revision_conflict"]);
        Assert.Equal(onServer.IssuesByType, inFile.IssuesByType);
        Assert.DoesNotContain("integrity_test_", await place.Server.GetAsync("_all_dbs"));
    }

    [SkippableFact]
    public async Task Chosen_documents_are_restored_alone()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_all_docs_answered_is_scanned_tested_and_restored_as_a_dump(bool compress)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        var answer = await place.Server.GetAsync($"{place.Database}/_all_docs?include_docs=true");
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

    [SkippableFact]
    public async Task Local_documents_of_a_chain_come_back_and_the_lease_is_none_of_them()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
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

    [SkippableFact]
    public async Task A_second_backup_into_the_same_folder_at_the_same_time_was_told_to_make_room()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        IntegrityException? second = null;
        var meanwhile = new FirstReport(() => second = Assert.Throws<IntegrityException>(() => place.BackUpAsync().GetAwaiter().GetResult()));
        var options = new BackupOptions { Store = place.Store, Credential = place.Server.Credential, Folder = place.Folder(), Progress = meanwhile };
        var first = await place.Place.Engine.Backups.CreateAsync(options, default);

        Assert.Equal(ErrorIds.LeaseHeld, second!.ErrorId);
        Assert.Contains("is being written into this folder", second.Message, StringComparison.Ordinal);
        Assert.Contains("Wait", second.NextStep, StringComparison.Ordinal);
        Assert.True((await place.TestAsync(first)).Ok);
        Assert.Equal((1L, 2L), (first.Number, (await place.BackUpAsync(incremental: true)).Number));
    }

    [SkippableFact]
    public async Task An_incremental_backup_chose_what_to_build_on_while_another_run_could_still_remove_it()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        var full = await place.BackUpAsync();
        var file = Path.Combine(place.Folder(), full.Files[0].Name);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var other = BackupLock.Take(place.Folder(), place.Database, place.Store);

        // Who reads it before the lock is refused never ends.
        File.Delete(file);
        File.CreateSymbolicLink(file, "/dev/zero");
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = place.Store, Credential = place.Server.Credential, Folder = place.Folder(), Incremental = true }, stop.Token));

        Assert.Equal(ErrorIds.LeaseHeld, refused.ErrorId);
    }

    [SkippableFact]
    public async Task An_incremental_backup_whose_parent_went_while_it_was_made_counted_as_good_and_had_the_last_full_one_removed()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        var last = await place.BackUpAsync();
        var parent = await place.BackUpAsync();
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("new", 1, ["a"], "\"x\":1"));
        var removal = new FirstReport(() => BackupFolder.Remove(parent));
        var options = new BackupOptions
        {
            Store = place.Store,
            Credential = place.Server.Credential,
            Folder = place.Folder(),
            Incremental = true,
            Retention = new BackupRetention { KeepFor = TimeSpan.Zero, Daily = 1 },
            Progress = removal,
        };

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.CreateAsync(options, default));

        Assert.True(removal.Came);
        Assert.Equal(ErrorIds.BackupFailed, failure.ErrorId);
        Assert.Contains(parent.Id, failure.Message, StringComparison.Ordinal);
        Assert.Contains("Run the command again", failure.NextStep, StringComparison.Ordinal);
        Assert.Equal([last.Id], BackupFolder.List(place.Folder()).Select(backup => backup.Id));
        var next = await place.Place.Engine.Backups.CreateAsync(options with { Progress = null }, default);
        Assert.Equal(last.Id, next.Parent);
        Assert.True((await place.TestAsync(next)).Ok);
    }

    [SkippableFact]
    public async Task A_database_that_is_deleted_in_mid_backup_ends_it_with_the_reason_and_leaves_the_older_backup()
    {
        await using var place = await ServerPlace.WithAsync(
            "performance: { max_concurrent_operations: 1 }\n", real: true, [.. Enumerable.Range(0, 3000).Select(number => ServerScanTests.Doc($"d{number}", 1, ["a"], "\"x\":1"))]);
        var good = await place.BackUpAsync();
        var meanwhile = new FirstReport(() => place.Server.DeleteAsync(place.Database).GetAwaiter().GetResult());
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.CreateAsync(
            new BackupOptions
            {
                Store = place.Store,
                Credential = place.Server.Credential,
                Folder = place.Folder(),
                Retention = new BackupRetention { KeepFor = TimeSpan.Zero },
                Progress = meanwhile,
            },
            default));

        Assert.True(meanwhile.Came);
        Assert.Contains(failure.ErrorId, new[] { ErrorIds.StoreNotFound, ErrorIds.BackupFailed, ErrorIds.UnexpectedAnswer, ErrorIds.StoreUnavailable });
        Assert.Equal([good.Id], (await place.Place.Engine.Backups.ListAsync(place.Folder(), default)).Select(backup => backup.Id));
        Assert.True((await place.TestAsync(good)).Ok);
    }

    [SkippableFact]
    public async Task Folder_and_retention_of_a_store_stand_in_the_configuration()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"));
        await using var configured = new Workplace(
            $"stores:\n  orders:\n    address: \"{place.Store}\"\n    backups: {{ folder: kept, keep_days: 0 }}\n", place.Server.Credential);
        var options = new BackupOptions { Store = "orders", Credential = place.Server.Credential };

        await configured.Engine.Backups.CreateAsync(options, default);
        var newest = await configured.Engine.Backups.CreateAsync(options, default);

        Assert.Equal([newest.Id], (await configured.Engine.Backups.ListAsync(configured.PathOf("kept"), default)).Select(backup => backup.Id));
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => configured.Engine.Backups.CreateAsync(new BackupOptions { Store = place.Store + "x" }, default));
        Assert.Equal(ErrorIds.InvalidArgument, failure.ErrorId);
    }

    [SkippableFact]
    public async Task Couchrestore_takes_a_backup_without_attachments()
    {
        var couchrestore = CouchRestore.Require();
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true,
            ServerScanTests.Doc("c", 1, ["a"], "\"x\":0"), ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2"),
            ServerScanTests.Doc("gone", 2, ["b", "a"], "\"_deleted\":true"), ServerScanTests.Doc("long", 3, ["c", "b", "a"], "\"x\":1.5"));
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();

        await CouchRestore.RunAsync(
            couchrestore, place.Server, copy, new GZipStream(File.OpenRead(Path.Combine(place.Folder(), made.Files[0].Name)), CompressionMode.Decompress));

        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_server_of_the_protocol_that_lacks_some_settings_is_backed_up_and_restored_too()
    {
        var server = await CouchDbServer.RequirePouchAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database, ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2"), ServerScanTests.Doc("d", 1, ["a"], Attached));
        await using var place = await Workplace.ForServerAsync(server);
        var store = $"couchdb://{server.Address.Authority}/";
        var made = await place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = store + database, Credential = server.Credential, Folder = place.PathOf("backups"), IncludeLocal = true }, default);
        Assert.Equal(3, made.Counts["revisions"]);

        var copy = "copy" + Guid.NewGuid().ToString("N");
        var report = await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = store + copy, Credential = server.Credential }, default);

        Assert.Empty(report.Failed);
        Assert.Equal("hello world"u8.ToArray(), await server.GetBytesAsync($"{copy}/d/a%20b"));
        Assert.Single(await place.ScanAsync(store + copy));
        await server.DeleteAsync(copy);
        await server.DeleteAsync(database);
    }
}
