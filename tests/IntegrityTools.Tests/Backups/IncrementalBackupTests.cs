using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>When an incremental backup may build on an earlier one: what the changes feed does not tell would be missing from all later ones.</summary>
public class IncrementalBackupTests
{
    /// <summary>The files of a database are put back, as from a snapshot of the disk; other writes then bring it to the same update sequence and beyond.</summary>
    [SkippableTheory]
    [InlineData(0, "update sequence is 5, and was 6")]
    [InlineData(7, "has lost the revision")]
    public async Task What_was_written_after_the_files_of_a_database_were_put_back_was_missing_from_incremental_backups(int writtenSince, string told)
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var options = new BackupOptions { Store = $"couchdb://{server.Address.Authority}/{database}", Credential = server.Credential, Folder = place.PathOf("backups"), Incremental = true };
        await server.InsertAsync(database, [.. Enumerable.Range(0, 5).Select(Document)]);
        var data = Path.Combine(server.Process!.Folder, "data");
        server.Process.Kill();
        IncrementalStartTests.Copy(data, data + "-saved");
        Assert.True(await server.Process.StartAsync());
        await server.InsertAsync(database, Document(99));
        await place.Engine.Backups.CreateAsync(options, default);
        server.Process.Kill();
        Directory.Delete(data, recursive: true);
        IncrementalStartTests.Copy(data + "-saved", data);
        Assert.True(await server.Process.StartAsync());
        await server.InsertAsync(database, [.. Enumerable.Range(200, writtenSince).Select(Document)]);

        var made = await place.Engine.Backups.CreateAsync(options, default);

        Assert.Contains(told, Assert.Single(made.Remarks), StringComparison.Ordinal);
        Assert.Equal((BackupMode.Full, 5L + writtenSince), (made.Mode, made.Counts["documents"]));
        server.Process.Kill();
    }

    [SkippableFact]
    public async Task A_document_that_was_purged_came_back_from_a_chain()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 30).Select(Document)]);
        await place.BackUpAsync();
        await place.Server.PostAsync($"{place.Database}/_purge", "{\"d0\":[\"1-aa\"]}");
        await place.Server.InsertAsync(place.Database, Document(30));

        var made = await place.BackUpAsync(incremental: true);

        Assert.Contains("documents were purged since", Assert.Single(made.Remarks), StringComparison.Ordinal);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        await place.RestoreAsync(made, copy);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        Assert.Equal(BackupMode.Incremental, (await place.BackUpAsync(incremental: true)).Mode);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task Why_an_incremental_backup_became_a_full_one_or_builds_on_an_older_one_is_told_and_stands_in_its_manifest()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 30).Select(Document)]);
        var first = await place.BackUpAsync(incremental: true);
        await place.Server.InsertAsync(place.Database, Document(30));
        var second = await place.BackUpAsync(incremental: true);
        Damage(second);

        var third = await place.BackUpAsync(incremental: true);
        Damage(third);
        Damage(first);
        var fourth = await place.BackUpAsync(incremental: true);

        Assert.Equal(["A full backup instead of an incremental one: the folder holds none of this store that can be read."], first.Remarks);
        Assert.Empty(second.Remarks);
        Assert.StartsWith($"It builds on {first.Id}: {second.Id}, or one that it builds on, is damaged: ", Assert.Single(third.Remarks), StringComparison.Ordinal);
        Assert.Equal((BackupMode.Full, 31L), (fourth.Mode, fourth.Counts["documents"]));
        Assert.StartsWith($"A full backup instead of an incremental one: {third.Id}, or one", Assert.Single(fourth.Remarks), StringComparison.Ordinal);
        Assert.Equal(fourth.Remarks, (await place.Place.Engine.Backups.ListAsync(place.Folder(), default)).First(backup => backup.Id == fourth.Id).Remarks);

        void Damage(BackupManifest backup)
        {
            using var file = File.Open(Path.Combine(place.Folder(), backup.Files[0].Name), FileMode.Open);
            file.Position = file.Length / 2;
            var old = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(old ^ 4));
        }
    }

    [SkippableFact]
    public async Task A_database_that_was_deleted_and_made_anew_gets_a_full_backup_that_says_so()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 3).Select(Document)]);
        var before = await place.BackUpAsync();
        await place.Server.DeleteAsync(place.Database);

        // The server tells when a database was made, to the second.
        for (var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); DateTimeOffset.UtcNow.ToUnixTimeSeconds() == second;)
        {
            await Task.Delay(20);
        }

        await place.Server.PutAsync(place.Database, string.Empty);
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 5).Select(Document)]);

        var made = await place.BackUpAsync(incremental: true);

        Assert.Equal((BackupMode.Full, 5L), (made.Mode, made.Counts["documents"]));
        Assert.Equal([$"A full backup instead of an incremental one: the database was made anew since {before.Id}."], made.Remarks);
    }

    private static string Document(int number) => ServerScanTests.Doc($"d{number}", 1, ["aa"], $"\"x\":{number}");

    [SkippableFact]
    public async Task A_chain_never_ended_so_that_nothing_of_it_ever_expired()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"));
        var chain = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            chain.Add((await BackUpAsync()).Id);
            await OlderAsync(TimeSpan.FromDays(1));
        }

        var full = await BackUpAsync();

        Assert.Equal(BackupMode.Full, full.Mode);
        Assert.Contains($"{chain[0]}, is no younger than 2 days", Assert.Single(full.Remarks), StringComparison.Ordinal);
        Assert.Equal(chain.Append(full.Id), Known());

        // Its last link is the last that expires.
        await OlderAsync(TimeSpan.FromDays(1.5));
        var next = await BackUpAsync();
        Assert.Equal(full.Id, next.Parent);
        Assert.Equal([full.Id, next.Id], Known());
        Assert.True((await place.TestAsync(next)).Ok);

        Task<BackupManifest> BackUpAsync() => place.Place.Engine.Backups.CreateAsync(
            new BackupOptions
            {
                Store = place.Store,
                Credential = place.Server.Credential,
                Folder = place.Folder(),
                Incremental = true,
                Retention = new BackupRetention { KeepFor = TimeSpan.FromDays(2) },
            },
            default);

        IEnumerable<string> Known() => BackupFolder.List(place.Folder()).Reverse().Select(backup => backup.Id);

        async Task OlderAsync(TimeSpan time)
        {
            foreach (var backup in BackupFolder.List(place.Folder()))
            {
                await BackupFolder.WriteAsync(backup with { CreatedAt = backup.CreatedAt - time }, backup.Path, default);
            }
        }
    }
}
