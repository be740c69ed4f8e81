using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

/// <summary>Indexes of partitioned databases, of which a query asks one partition at a time.</summary>
public class PartitionedIndexTests
{
    [SkippableTheory]
    [InlineData("")]
    [InlineData("\"options\":{\"partitioned\":false},")]
    public async Task A_stale_index_of_a_partitioned_database_could_never_be_brought_up_to_date(string options)
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = "p" + Guid.NewGuid().ToString("N");
        await server.PutAsync(database + "?partitioned=true", "");
        await server.PutAsync($"{database}/_design/v", """{"autoupdate":false, """ + options + """ "views":{"by_n":{"map":"function (doc) { emit(doc.n, null); }"}}}""");
        await server.InsertAsync(database, [.. Enumerable.Range(0, 60).Select(number => $$$"""{"_id":"q{{{number % 7}}}:d{{{number}}}","_rev":"1-a","n":{{{number}}}}""")]);
        await using var place = await Workplace.ForServerAsync(server);
        var (issues, _) = await place.ScanAsync(new ScanOptions { Store = $"couchdb://{server.Address.Authority}/{database}", Types = ["stale_index"] });

        var result = Assert.Single(await place.RunAsync(await place.PlanAsync(issues)));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Contains("\"total\":0", await server.GetAsync($"{database}/_design/v/_info"), StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }
}
