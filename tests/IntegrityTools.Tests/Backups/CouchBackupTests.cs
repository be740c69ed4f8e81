using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups of databases of a server, and what becomes of them.</summary>
public class CouchBackupTests
{
    [SkippableFact]
    public async Task A_chain_restores_to_any_of_its_points_and_tells_a_link_that_is_missing()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
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
    public async Task A_test_of_a_backup_full_of_what_the_configuration_calls_invalid_said_no_issues()
    {
        await using var place = await ServerPlace.WithAsync(
            "validation: { required_fields: { T: [ name ] } }\n", real: true, [.. Enumerable.Range(0, 20).Select(number => ServerScanTests.Doc($"d{number}", 1, ["a"], "\"@type\":\"T\""))]);
        var made = await place.BackUpAsync();

        var onServer = await place.TestAsync(made, place.Store);
        var inFile = await place.TestAsync(made);

        Assert.All([onServer, inFile], tested =>
        {
            Assert.Equal(20, tested.IssuesByType!["missing_field"]);
            Assert.Contains("orphaned_revisions", tested.NotLookedFor); // What needs the database that was backed up.
            Assert.DoesNotContain("semantic_duplicate", tested.NotLookedFor);
        });
    }

    [SkippableFact]
    public async Task A_test_tells_that_it_did_not_look_into_bodies_where_nothing_asks_for_it()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"@type\":\"T\""));

        var tested = await place.TestAsync(await place.BackUpAsync());

        Assert.Empty(tested.IssuesByType!);
        Assert.Contains("missing_field", tested.NotLookedFor);
        Assert.Contains("semantic_duplicate", tested.NotLookedFor);
    }

    [SkippableFact]
    public async Task A_second_backup_into_the_same_folder_at_the_same_time_was_told_to_make_room()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
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
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
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
    public async Task Documents_with_random_ids_were_asked_for_in_the_order_of_their_edits_so_that_the_server_searched_its_index_for_each()
    {
        string[] ids = [.. Enumerable.Range(0, 500).Select(number => $"{Convert.ToHexStringLower(SHA256.HashData([(byte)number, (byte)(number >> 8)]))}")];
        await using var place = await ServerPlace.WithAsync(
            "performance: { max_concurrent_operations: 1 }\n", real: true,
            [.. ids.Select(id => ServerScanTests.Doc(id, 1, ["a"], "\"x\":1")), ServerScanTests.Doc("_design/d", 1, ["a"], "\"views\":{}"), ServerScanTests.Doc("ä", 1, ["a"], "\"x\":1")]);

        var made = await place.BackUpAsync(compress: false);

        var lines = await File.ReadAllLinesAsync(Path.Combine(place.Folder(), made.Files[0].Name));
        var saved = lines.Skip(1).SelectMany(line => JsonNode.Parse(line)!.AsArray()).Select(document => (string)document!["_id"]!);
        Assert.Equal([.. ids.Order(StringComparer.Ordinal), "ä", "_design/d"], saved);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        await place.RestoreAsync(made, copy);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_server_of_the_protocol_that_lacks_some_settings_is_backed_up_and_restored_too()
    {
        var server = await CouchDbServer.RequirePouchAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database, ServerScanTests.Doc("c", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("c", 2, ["c", "a"], "\"x\":2"), ServerScanTests.Doc("d", 1, ["a"], CouchBackups.Attached));
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
