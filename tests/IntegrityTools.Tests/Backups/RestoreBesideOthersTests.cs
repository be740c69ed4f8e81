using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Backups;

/// <summary>Restores, and what takes them back, of documents that others have gone on with.</summary>
public class RestoreBesideOthersTests
{
    [SkippableFact]
    public async Task A_branch_that_others_have_taken_far_ahead_is_overwritten_and_the_one_that_won_wins_again()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Doc("d", 2, ["bb", "r"], "\"x\":1"), Doc("d", 2, ["cc", "r"], "\"x\":2"));
        var made = await place.BackUpAsync();
        string[] history = ["bb", "r"];
        for (var generation = 3; generation < 30; generation++)
        {
            history = [$"b{generation}", .. history];
        }

        await place.Server.InsertAsync(place.Database, Doc("d", 29, history, "\"x\":29"));

        var report = await place.RestoreAsync(made, place.Database, overwrite: true);

        Assert.Empty(report.Failed);
        Assert.Equal("2|1", (await place.BodiesAsync(place.Database))["d"]);
        await place.UndoAsync(report);
        Assert.Equal("29|2", (await place.BodiesAsync(place.Database))["d"]);
    }

    [SkippableFact]
    public async Task A_conflict_that_a_person_has_resolved_since_it_was_restored_is_left_alone_when_the_restore_is_taken_back()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, Doc("d", 1, ["a1"], "\"x\":1"), Doc("d", 1, ["a2"], "\"x\":2"), Doc("other", 1, ["a"], "\"x\":1"));
        var made = await place.BackUpAsync();
        await place.Server.DeleteAsync(place.Database);
        await place.Server.PutAsync(place.Database, string.Empty);
        await place.Server.InsertAsync(place.Database, Doc("other", 1, ["a"], "\"x\":1"));
        var report = await place.RestoreAsync(made, place.Database);
        await place.Server.DeleteAsync($"{place.Database}/d?rev=1-a1");

        var undone = Assert.Single(await place.UndoAsync(report, OperationOutcome.Stale));

        Assert.StartsWith("d: it was changed since", Assert.Single(undone.Refused), StringComparison.Ordinal);
        Assert.Equal("2", (await place.BodiesAsync(place.Database))["d"]);
    }
}
