using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

/// <summary>Indexes of partitioned databases, of which a query asks one partition at a time.</summary>
public class PartitionedIndexTests
{
    private const string ByNumber = """{"autoupdate":false,"views":{"by_n":{"map":"function (doc) { emit(doc.n, null); }"}}}""";

    [SkippableTheory]
    [InlineData("")]
    [InlineData("\"options\":{\"partitioned\":false},")]
    public async Task A_stale_index_of_a_partitioned_database_could_never_be_brought_up_to_date(string options)
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await MakeAsync(server, 2, ByNumber.Replace("\"views\"", options + "\"views\"", StringComparison.Ordinal));
        await using var place = await Workplace.ForServerAsync(server);

        var result = Assert.Single(await place.RunAsync(await place.PlanAsync(await ScanAsync(place, server, database, "stale_index"))));

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        Assert.Contains("\"total\":0", await server.GetAsync($"{database}/_design/v/_info"), StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_reduction_that_fails_was_not_seen_in_a_partitioned_database(int shards)
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await MakeAsync(
            server, shards, """{"views":{"by_n":{"map":"function (doc) { emit(doc.n, 'text'); }","reduce":"_sum"},"count":{"map":"function (doc) { emit(doc.n); }","reduce":"_count"}}}""");
        await BuildAsync(server, database);
        await using var place = await Workplace.ForServerAsync(server);

        var issue = Assert.Single(await ScanAsync(place, server, database, "storage"));

        Assert.Equal((IssueTypes.BrokenIndex, "_design/v"), (issue.Type, issue.Subject));
        Assert.Contains("The index of by_n is broken: its reduction fails", issue.Message, StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task A_damaged_index_was_not_seen_in_a_partitioned_database()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await MakeAsync(server, 2, ByNumber);
        await BuildAsync(server, database);
        await using var place = await Workplace.ForServerAsync(server);
        StoragePlace.DamageIndexes(server);

        Assert.True(Assert.IsType<IndexEvidence>(Assert.Single(await ScanAsync(place, server, database, "broken_index")).Evidence).Damaged);
        server.Process!.Kill();
    }

    [SkippableFact]
    public async Task Rows_of_a_partitioned_index_were_not_counted()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await MakeAsync(server, 2, ByNumber);
        await BuildAsync(server, database);
        using var client = new CouchClient(server.Address, database, server.Credential);
        var questions = new StorageQuestions(client);
        var design = Assert.Single(await questions.GetDesignDocumentsAsync(default));

        Assert.Equal(60, await questions.CountRowsAsync(design, design.Views[0], default));
        await server.DeleteAsync(database);
    }

    private static async Task<string> MakeAsync(CouchDbServer server, int shards, string design)
    {
        var database = "p" + Guid.NewGuid().ToString("N");
        await server.PutAsync($"{database}?partitioned=true&q={shards}", "");
        await server.PutAsync($"{database}/_design/v", design);
        await server.InsertAsync(database, [.. Enumerable.Range(0, 60).Select(number => $$$"""{"_id":"q{{{number % 7}}}:d{{{number}}}","_rev":"1-a","n":{{{number}}}}""")]);
        return database;
    }

    /// <summary>Has every shard build its part of the index.</summary>
    private static async Task BuildAsync(CouchDbServer server, string database)
    {
        for (var partition = 0; partition < 7; partition++)
        {
            await server.GetAsync($"{database}/_partition/q{partition}/_design/v/_view/by_n?reduce=false&limit=0");
        }
    }

    private static async Task<List<IntegrityIssue>> ScanAsync(Workplace place, CouchDbServer server, string database, string type) =>
        (await place.ScanAsync(new ScanOptions { Store = $"couchdb://{server.Address.Authority}/{database}", Types = [type] })).Issues;
}
