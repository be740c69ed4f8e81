using IntegrityTools.Model;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Repair;

/// <summary>Undos of undos, as often as a person changes his mind.</summary>
public class RepeatedUndoTests
{
    [SkippableFact]
    public async Task A_repair_that_was_brought_back_was_told_to_be_undone_still_and_named_an_undo_that_was_refused()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: false, Doc("d", 1, ["a"], "\"x\":0,\"y\":0"), Doc("d", 2, ["b", "a"], "\"x\":1,\"y\":0"), Doc("d", 2, ["c", "a"], "\"x\":0,\"y\":2"));
        var before = await place.StateAsync("d");
        await place.RepairAsync();
        var repair = place.Place.Execution!.Id;
        var repaired = await place.StateAsync("d");
        await place.UndoAsync();
        var undo = place.Place.Execution!.Id;
        await place.UndoAsync();
        var redo = place.Place.Execution!.Id;
        Assert.Equal(repaired, await place.StateAsync("d"));

        await ExpectAsync(repair, $"brought back by {redo}", $"To take it back again undo {redo}.");
        await ExpectAsync(undo, $"already undone by {redo}", $"To bring it back undo {redo}.");
        await place.UndoAsync();
        var last = place.Place.Execution!.Id;
        Assert.Equal(before, await place.StateAsync("d"));
        await ExpectAsync(repair, $"is undone by {last} now", $"To bring it back undo {last}.");

        async Task ExpectAsync(string execution, string message, string next)
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.PlanUndoAsync(execution));
            Assert.Contains(message, refused.Message, StringComparison.Ordinal);
            Assert.Equal(next, refused.NextStep);
        }
    }
}
