using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Queue;

public class ListedStoreTests
{
    [Theory]
    [InlineData("stores: { one: { address: 'couchdump:dump.jsonl', default: true }, two: 'couchdump:two.jsonl' }\n", true)]
    [InlineData("stores: { one: 'couchdump:dump.jsonl' }\n", true)]
    [InlineData("stores: { one: 'couchdump:dump.jsonl', two: 'couchdump:two.jsonl' }\n", false)]
    [InlineData("resolution: {}\n", false)]
    public async Task Lists_from_the_ledger_are_of_the_default_store_or_of_all_when_there_is_none_or_all_are_asked_for(string configuration, bool hasDefault)
    {
        await using var place = new Workplace(configuration);
        var (one, _) = await DumpRepairTests.WriteDumpAsync(place, 5, 12, compressed: false);
        File.Copy(one, place.PathOf("two.jsonl"));
        var first = await place.PlanAsync(await place.ScanAsync("couchdump:" + one));
        await place.RunAsync(first, place.PathOf("repaired.jsonl"));
        var undo = await place.PlanUndoAsync();
        await place.RunAsync(undo, place.PathOf("undone.jsonl"));
        var second = await place.PlanAsync(await place.ScanAsync("couchdump:" + place.PathOf("two.jsonl")));
        await place.RunAsync(second, place.PathOf("other.jsonl"));

        // What takes back the repair of a dump is about the file that the repair wrote, and belongs to the dump.
        Assert.Equal(hasDefault ? [undo.Id, first.Id] : [second.Id, undo.Id, first.Id], (await place.Engine.ListPlansAsync(null, false, default)).Select(plan => plan.Id));
        Assert.Equal(hasDefault ? [undo.Id, first.Id] : [second.Id, undo.Id, first.Id], (await place.Engine.ListExecutionsAsync(null, false, default)).Select(execution => execution.PlanId));
        Assert.Equal(hasDefault ? 1 : 2, (await place.Engine.ListScansAsync(null, false, default)).Count);
        Assert.Equal(hasDefault, (await IssuesAsync(place)).All(issue => issue.Store == first.Store));
        Assert.Equal(hasDefault ? first.Store : null, (await place.Engine.SummarizeAsync(null, null, default)).Store);

        Assert.Equal([second.Id], (await place.Engine.ListPlansAsync(second.Store, false, default)).Select(plan => plan.Id));
        Assert.All(await IssuesAsync(place, second.Store), issue => Assert.Equal(second.Store, issue.Store));
        Assert.Equal(3, (await place.Engine.ListPlansAsync(null, true, default)).Count);
        Assert.Equal(3, (await place.Engine.ListExecutionsAsync(null, true, default)).Count);
        Assert.Equal(2, (await place.Engine.ListScansAsync(null, true, default)).Count);
        Assert.Equal(2, (await IssuesAsync(place, null, all: true)).Select(issue => issue.Store).Distinct().Count());
        Assert.Null((await place.Engine.SummarizeAsync(null, null, default, allStores: true)).Store);
        Assert.Equal(ErrorIds.InvalidArgument, (await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.ListScansAsync(second.Store, true, default))).ErrorId);
    }

    private static ValueTask<List<KnownIssue>> IssuesAsync(Workplace place, string? store = null, bool all = false) =>
        place.Engine.Issues.ListAsync(new ScanOptions { Store = store }, Enum.GetValues<IssueStatus>(), default, all).ToListAsync();
}
