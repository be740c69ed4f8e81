using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

/// <summary>Indexes held against the queries of an application that are configured.</summary>
public class QueryIndexTests
{
    [SkippableFact]
    public async Task Configured_queries_show_which_indexes_are_missing_and_which_none_of_them_uses()
    {
        const string Stores = """
            stores:
              tasks:
                address: couchdb://SERVER/DATABASE
                queries:
                  - { selector: { type: Task, done: false }, sort: [due] }
                  - { selector: { owner: ann } }
                  - { selector: { _id: { $gt: b } } }
                  - { selector: { n: { $foo: 1 } } }
            """;
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await using var place = new Workplace(
            Stores.Replace("SERVER", server.Address.Authority, StringComparison.Ordinal).Replace("DATABASE", database, StringComparison.Ordinal),
            server.Credential);
        await server.PostAsync($"{database}/_index", """{"index":{"fields":["owner"]},"ddoc":"i","name":"by-owner"}""");
        await server.PostAsync($"{database}/_index", """{"index":{"fields":["colour"]},"ddoc":"i","name":"by-colour"}""");
        ScanReport? report = null;

        var issues = await place.Engine.ScanAsync(
            new ScanOptions { Store = "tasks", Credential = server.Credential, Types = ["missing_index", "unused_index"], ReportChanged = changed => report = changed }, default).ToListAsync();

        var missing = Assert.Single(issues, issue => issue.Type == IssueTypes.MissingIndex);
        Assert.Equal(Severity.Medium, missing.Severity);
        Assert.Contains("refuses this query", missing.Message, StringComparison.Ordinal);
        Assert.Equal("""{"index":{"fields":["type","done","due"]}}""", ((IndexEvidence)missing.Evidence).Wanted!.Value.Text);
        var unused = Assert.Single(issues, issue => issue.Type == IssueTypes.UnusedIndex);
        Assert.Equal(("_design/i", Severity.Info), (unused.Subject, unused.Severity));
        Assert.Contains("by-colour", unused.Message, StringComparison.Ordinal);
        Assert.Contains("CouchDB counts no uses", unused.Message, StringComparison.Ordinal);
        Assert.Contains(report!.Remarks, remark => remark.Contains("Invalid operator: $foo", StringComparison.Ordinal));
        Assert.All((await place.PlanAsync(issues)).Operations, operation => Assert.True(operation.NeedsReview));

        // What the advice says helps.
        await server.PostAsync($"{database}/_index", ((IndexEvidence)missing.Evidence).Wanted!.Value.Text);
        Assert.Empty(await place.Engine.ScanAsync(new ScanOptions { Store = "tasks", Credential = server.Credential, Types = ["missing_index"] }, default).ToListAsync());
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task An_index_that_a_query_of_one_partition_uses_was_called_unused_and_missing()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = "p" + Guid.NewGuid().ToString("N");
        await server.PutAsync(database + "?partitioned=true", "");
        await server.PostAsync($"{database}/_index", """{"index":{"fields":["n"]},"ddoc":"i","name":"by-n"}""");
        await server.PostAsync($"{database}/_index", """{"index":{"fields":["colour"]},"ddoc":"i","name":"by-colour"}""");
        await using var place = new Workplace(
            $"stores:\n  tasks:\n    address: couchdb://{server.Address.Authority}/{database}\n    queries:\n      - {{ selector: {{ n: 1 }} }}\n", server.Credential);

        var issue = Assert.Single(await place.Engine.ScanAsync(
            new ScanOptions { Store = "tasks", Credential = server.Credential, Types = ["missing_index", "unused_index"] }, default).ToListAsync());

        Assert.Contains("by-colour", issue.Message, StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }
}
