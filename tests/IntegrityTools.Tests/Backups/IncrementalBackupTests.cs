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

    private static string Document(int number) => ServerScanTests.Doc($"d{number}", 1, ["aa"], $"\"x\":{number}");
}
