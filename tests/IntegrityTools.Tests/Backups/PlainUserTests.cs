using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups and restores by a name that may read and write a database, and is no admin of anything.</summary>
public class PlainUserTests
{
    [SkippableFact]
    public async Task Who_is_no_admin_was_told_that_his_password_is_wrong_and_can_back_up_and_restore()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, ServerScanTests.Doc("a", 1, ["a"], "\"x\":1"), ServerScanTests.Doc("b", 1, ["a"], "\"x\":2"));
        var (name, empty) = ("u" + Guid.NewGuid().ToString("N"), await place.Server.CreateDatabaseAsync());
        await place.Server.PutAsync($"_users/org.couchdb.user:{name}", $$"""{"name":"{{name}}","password":"pw","roles":[],"type":"user"}""");
        foreach (var database in new[] { place.Database, empty })
        {
            await place.Server.PutAsync($"{database}/_security", $$$"""{"members":{"names":["{{{name}}}"],"roles":[]},"admins":{"names":[],"roles":[]}}""");
        }

        var user = new StoreCredential(name, "pw");
        var backups = place.Place.Engine.Backups;

        var made = await backups.CreateAsync(new BackupOptions { Store = place.Store, Credential = user, Folder = place.Folder() }, default);
        var report = await backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = place.StoreOf(empty), Credential = user }, default);

        Assert.Equal("_purged_infos_limit is not in the backup: the server shows it to its admins only.", Assert.Single(made.Remarks));
        Assert.Equal((2L, 0), (report.Written, report.Failed.Count));
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(empty));
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = place.StoreOf(empty + "new"), Credential = user }, default));
        Assert.Equal(ErrorIds.AccessDenied, refused.ErrorId);
        Assert.Contains("You are not a server admin", refused.Message, StringComparison.Ordinal);
        await place.Server.DeleteAsync(empty);
        using var document = JsonDocument.Parse(await place.Server.GetAsync($"_users/org.couchdb.user:{name}"));
        await place.Server.DeleteAsync($"_users/org.couchdb.user:{name}?rev={document.RootElement.GetProperty("_rev").GetString()}");
    }
}
