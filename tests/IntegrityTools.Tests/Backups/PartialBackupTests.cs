using System.Text.Json.Nodes;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups that were cut off and gone on with, while the database was written to.</summary>
public class PartialBackupTests
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_that_was_edited_before_its_backup_was_gone_on_with_came_back_in_its_older_state(bool incremental)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Document("other", "aa"));
        if (incremental)
        {
            await place.BackUpAsync(compress: false);
        }

        await place.Server.InsertAsync(place.Database, Document("d", "bb", "aa"), ServerScanTests.Doc("e", 1, ["aa"], $"\"x\":1,\"large\":\"{new string('e', 5 << 20)}\""));
        await CutAsync(place, await place.BackUpAsync(incremental, compress: false));
        await place.Server.InsertAsync(place.Database, Document("d", "cc", "bb", "aa"));

        var made = await place.BackUpAsync(incremental, compress: false);

        Assert.Equal(incremental ? BackupMode.Incremental : BackupMode.Full, made.Mode);
        Assert.True((await place.TestAsync(made)).Ok);
        var copy = await place.Server.CreateDatabaseAsync();
        await place.Server.InsertAsync(copy, Document("there before", "aa"));
        Assert.Empty((await place.RestoreAsync(made, copy)).Failed);
        var restored = await place.LeavesAsync(copy);
        restored.Remove("there before");
        Assert.Equal(await place.LeavesAsync(place.Database), restored);
        await place.Server.DeleteAsync(copy);
    }

    private static string Document(string id, params string[] revisions) => ServerScanTests.Doc(id, revisions.Length, revisions, $"\"x\":\"{revisions[0]}\"");

    /// <summary>Leaves of a backup what a run leaves that was killed before its end.</summary>
    private static async Task CutAsync(ServerPlace place, BackupManifest made)
    {
        var dump = Path.Combine(place.Folder(), made.Files[0].Name);
        var partial = Path.Combine(place.Folder(), place.Database + ".partial");
        File.Move(dump, partial);
        File.Delete(made.Path);
        await File.WriteAllTextAsync(partial + ".json", new JsonObject
        {
            ["store"] = made.Store,
            ["incarnation"] = made.Incarnation,
            ["parent"] = made.Parent,
            ["compress"] = false,
            ["created_at"] = made.CreatedAt,
            ["sequence"] = made.LastSequence,
            ["dump"] = new JsonObject { ["length"] = new FileInfo(partial).Length, ["revisions"] = made.Counts["revisions"], ["has_attachments"] = false },
            ["documents"] = made.Counts["documents"],
            ["attachments"] = made.Counts["attachments"],
        }.ToJsonString());
    }
}
