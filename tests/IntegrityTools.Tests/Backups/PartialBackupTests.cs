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

    [SkippableFact]
    public async Task A_document_of_which_few_revisions_are_remembered_was_in_conflict_with_its_older_state_in_the_dump()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Document("d", "aa"), Document("e", "bb"), Document("e", "cc"));
        await place.Server.PutAsync($"{place.Database}/_revs_limit", "1");
        await CutAsync(place, await place.BackUpAsync(compress: false));
        await place.Server.PutAsync($"{place.Database}/d?rev=1-aa", """{"x":"new"}""");
        await place.Server.PutAsync($"{place.Database}/e?rev=1-cc", """{"x":"new"}""");
        var made = await place.BackUpAsync(compress: false);
        var dump = Path.Combine(place.Folder(), made.Files[0].Name);

        var (issues, _) = await place.Place.ScanAsync(new ScanOptions { Store = "couchdump:" + dump, Types = ["conflicts"] });

        Assert.Equal(["e"], issues.Select(issue => issue.Subject));
        var repaired = place.Place.PathOf("repaired.jsonl");
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Place.RunAsync(await place.Place.PlanAsync(issues, Strategy.HighestRev), repaired)).Outcome);
        Assert.Empty((await place.Place.ScanAsync(new ScanOptions { Store = "couchdump:" + repaired, Types = ["conflicts"] })).Issues);
        var undone = place.Place.PathOf("undone.jsonl");
        await place.Place.RunAsync(await place.Place.PlanUndoAsync(), undone);
        Assert.Equal(await File.ReadAllBytesAsync(dump), await File.ReadAllBytesAsync(undone));
    }

    [SkippableFact]
    public async Task What_an_earlier_run_has_noted_was_taken_for_the_unfinished_dump_of_a_later_one()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 20).Select(number => Document($"d{number}", "aa"))]);
        await CutAsync(place, await place.BackUpAsync(compress: false));
        using var cut = new CancellationTokenSource();
        var options = new BackupOptions
        {
            Store = place.Store,
            Credential = place.Server.Credential,
            Folder = place.Folder(),
            Compress = true,
            Progress = new ActionProgress(_ => cut.Cancel()),
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Place.Engine.Backups.CreateAsync(options, cut.Token));

        Assert.Empty(Directory.GetFiles(place.Folder(), "*.partial.json"));
        Assert.Equal(20, (await place.BackUpAsync(compress: false)).Counts["documents"]);
    }

    [SkippableFact]
    public async Task A_document_that_was_purged_before_its_backup_was_gone_on_with_stayed_in_it()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Document("d", "aa"), Document("e", "aa"));
        await CutAsync(place, await place.BackUpAsync(compress: false));
        await place.Server.PostAsync($"{place.Database}/_purge", "{\"d\":[\"1-aa\"]}");

        Assert.Equal(1, (await place.BackUpAsync(compress: false)).Counts["documents"]);
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
            ["purge_sequence"] = made.PurgeSequence,
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
