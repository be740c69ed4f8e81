using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Repair;

public class PlanOrderTests
{
    private const string Configuration = "performance:\n  batch_size: 2\nvalidation:\n  required_fields: { T: [v] }\n";
    private static readonly string[] Ids = [.. Enumerable.Range(0, 24).Select(number => $"doc-{number * 7 % 24:d2}")];
    private static readonly string[] Revisions =
    [
        .. Ids.SelectMany(id => new[]
        {
            Doc(id, 1, ["r"], "\"@type\":\"T\",\"x\":0"), Doc(id, 2, ["bb", "r"], "\"@type\":\"T\",\"x\":1"), Doc(id, 2, ["cc", "r"], "\"@type\":\"T\",\"x\":0,\"y\":1"),
        }),
    ];

    [SkippableFact]
    public async Task Two_plans_of_an_unchanged_server_have_the_same_operations_in_the_same_order()
    {
        await using var place = await ServerPlace.WithAsync(Configuration, real: true, Revisions);
        var scan = new ScanOptions { Store = place.Store, Credential = place.Place.Credential, Types = ["conflicts", "missing_field"] };
        var first = (await place.Place.Engine.PlanAsync(scan, With(place), default)).Single();
        var (issues, report) = await place.Place.ScanAsync(scan);
        var again = (await place.Place.Engine.PlanAsync(new ScanOptions(), With(place) with { ScanId = report.ScanId }, default)).Single();

        var expected = Ids.Order(StringComparer.Ordinal).ToList();
        Assert.Equal([.. expected, .. expected], first.Operations.Select(operation => operation.Subject));
        Assert.All(first.Operations.Take(Ids.Length), operation => Assert.Equal(OperationTypes.ResolveConflict, operation.Type));
        Assert.Equal(first.Operations.Select(operation => (operation.Number, operation.IssueId, operation.Reason)), again.Operations.Select(operation => (operation.Number, operation.IssueId, operation.Reason)));

        // A list that somebody has put in order keeps it.
        issues.Reverse();
        var given = issues.Where(issue => issue.Type == IssueTypes.RevisionConflict).ToList();
        Assert.Equal(given.Select(issue => issue.Id), (await place.Place.PlanAsync(given)).Operations.Select(operation => operation.IssueId));
    }

    [SkippableFact]
    public async Task Documents_of_which_some_are_remembered_are_read_together_in_whatever_order_they_come()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Revisions);
        using var proxy = new CuttingProxy(place.Server.Address);
        var scan = new ScanOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Credential = place.Place.Credential, Types = ["conflicts"] };
        var half = Ids.Order(StringComparer.Ordinal).Where((_, index) => index % 2 == 0).ToList();
        await place.Place.Engine.PlanAsync(scan with { Subjects = half }, With(place), default);
        var before = proxy.Requests.Count;

        await place.Place.Engine.PlanAsync(scan with { Subjects = [.. Ids.Order(StringComparer.Ordinal)] }, With(place), default);

        Assert.True(proxy.Requests.Count - before < 12, string.Join('\n', proxy.Requests.Skip(before)));
    }

    private static PlanOptions With(ServerPlace place) => new() { Credential = place.Place.Credential };
}
