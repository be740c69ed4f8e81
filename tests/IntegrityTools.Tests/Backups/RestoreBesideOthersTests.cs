using IntegrityTools.Backups;
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
        await place.Server.RemakeAsync(place.Database);
        await place.Server.InsertAsync(place.Database, Doc("other", 1, ["a"], "\"x\":1"));
        var report = await place.RestoreAsync(made, place.Database);
        await place.Server.DeleteAsync($"{place.Database}/d?rev=1-a1");

        var undone = Assert.Single(await place.UndoAsync(report, OperationOutcome.Stale));

        Assert.StartsWith("d: it was changed since", Assert.Single(undone.Refused), StringComparison.Ordinal);
        Assert.Equal("2", (await place.BodiesAsync(place.Database))["d"]);
    }

    [SkippableFact]
    public async Task The_undo_of_a_restore_takes_nothing_from_a_database_that_was_made_anew_since()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Doc("d", 1, ["a"], "\"x\":1"));
        var made = await place.BackUpAsync();
        var copy = "copy" + Guid.NewGuid().ToString("N");
        try
        {
            var report = await place.RestoreAsync(made, copy);
            await place.Server.DeleteAsync(copy);

            // The server tells when a database was made, to the second.
            for (var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); DateTimeOffset.UtcNow.ToUnixTimeSeconds() == second;)
            {
                await Task.Delay(20);
            }

            await place.Server.PutAsync(copy, string.Empty);
            await place.Server.InsertAsync(copy, Doc("d", 1, ["a"], "\"x\":1"));

            var undone = Assert.Single(await place.UndoAsync(report, OperationOutcome.Stale));

            Assert.Contains("made anew", undone.Message, StringComparison.Ordinal);
            Assert.Equal("1", (await place.BodiesAsync(copy))["d"]);
        }
        finally
        {
            await place.Server.DeleteAsync(copy);
        }
    }

    [SkippableFact]
    public async Task What_others_set_or_write_in_a_database_while_it_is_restored_stays_and_is_told()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Doc("d", 1, ["a"], "\"x\":1"));
        await place.Server.PutAsync($"{place.Database}/_security", Security("ada"));
        await place.Server.PutAsync($"{place.Database}/_revs_limit", "77");
        await place.Server.PutAsync($"{place.Database}/_local/place", "{\"at\":\"saved\"}");
        await place.Server.PutAsync($"{place.Database}/_local/same", "{\"at\":\"saved\"}");
        await place.Server.PutAsync($"{place.Database}/_local/gone%20%C3%BC", "{\"at\":\"saved\"}");
        var made = await place.BackUpAsync(local: true);
        var copy = "copy" + Guid.NewGuid().ToString("N");
        try
        {
            var report = await place.Place.Engine.Backups.RestoreAsync(
                new RestoreOptions
                {
                    Backup = made.Path,
                    Store = place.StoreOf(copy),
                    Credential = place.Server.Credential,
                    ExecutionChanged = execution => _ = execution.Status == ExecutionStatus.Running && !Task.Run(MeanwhileAsync).Wait(TimeSpan.FromMinutes(1)),
                },
                default);

            Assert.Empty(report.Failed);
            Assert.EndsWith("differing from the backup: _security, _local/place.", Assert.Single(report.Remarks), StringComparison.Ordinal);
            Assert.Contains("grace", await place.Server.GetAsync($"{copy}/_security"), StringComparison.Ordinal);
            Assert.Equal("77", (await place.Server.GetAsync($"{copy}/_revs_limit")).Trim());
            Assert.Contains("meanwhile", await place.Server.GetAsync($"{copy}/_local/place"), StringComparison.Ordinal);
            Assert.Contains("saved", await place.Server.GetAsync($"{copy}/_local/gone%20%C3%BC"), StringComparison.Ordinal);
        }
        finally
        {
            await place.Server.DeleteAsync(copy);
        }

        async Task MeanwhileAsync()
        {
            await place.Server.PutAsync($"{copy}/_security", Security("grace"));
            await place.Server.PutAsync($"{copy}/_local/place", "{\"at\":\"meanwhile\"}");
            await place.Server.PutAsync($"{copy}/_local/same", "{\"at\":\"saved\"}");
        }

        static string Security(string name) => $$$"""{"admins":{"names":["{{{name}}}"],"roles":[]},"members":{"names":[],"roles":[]}}""";
    }
}
