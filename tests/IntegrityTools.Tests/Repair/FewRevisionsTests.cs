using IntegrityTools.Model;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Repair;

/// <summary>Databases that are told to keep few revisions of a document's history (_revs_limit), so that leaves do not tell what they grew from.</summary>
public class FewRevisionsTests
{
    private static readonly string[] Fork = [Doc("d", 1, ["a1"], "\"x\":1"), Doc("d", 1, ["a2"], "\"y\":1")];

    [SkippableFact]
    public async Task A_repair_and_its_undo_know_their_own_writes_though_the_history_no_longer_leads_to_what_they_replaced()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Fork);
        await place.Server.PutAsync($"{place.Database}/_revs_limit", "2");
        var before = await place.StateAsync("d");

        await place.RepairAsync();
        await place.UndoAsync();

        Assert.Equal(before, await place.StateAsync("d"));
    }

    [SkippableFact]
    public async Task Where_no_history_is_kept_at_all_a_repair_is_done_and_its_undo_says_why_it_leaves_the_document_alone()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Fork);
        await place.Server.PutAsync($"{place.Database}/_revs_limit", "1");
        await place.RepairAsync();
        var repaired = await place.StateAsync("d");

        var undone = Assert.Single(await place.Place.RunAsync(await place.Place.PlanUndoAsync()));

        Assert.Equal(OperationOutcome.NeedsReview, undone.Outcome);
        Assert.Contains("_revs_limit", undone.Message, StringComparison.Ordinal);
        Assert.Equal(repaired, await place.StateAsync("d"));
    }
}
