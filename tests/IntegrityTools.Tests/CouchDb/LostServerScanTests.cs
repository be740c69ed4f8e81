using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Scans whose server goes away under them.</summary>
public class LostServerScanTests
{
    [SkippableTheory]
    [InlineData(nameof(Cut.Request))]
    [InlineData(nameof(Cut.Answer))]
    [InlineData(nameof(Cut.HalfAnswer))]
    [InlineData(nameof(Cut.Busy))]
    public async Task A_scan_that_loses_its_connection_at_every_step_finds_the_same_and_reads_only_what_is_in_conflict(string cut)
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var database = await FillAsync(server);
        var expected = await place.ScanAsync($"couchdb://{server.Address.Authority}/{database}");
        var met = new HashSet<string>();
        using var proxy = new CuttingProxy(server.Address, line =>
        {
            lock (met)
            {
                return Task.FromResult(met.Add(Step(line)) ? Enum.Parse<Cut>(cut) : Cut.None);
            }
        });

        var found = await place.ScanAsync($"couchdb://{proxy.Authority}/{database}");

        Assert.Equal(Subjects(expected), Subjects(found));
        Assert.True(met.Count >= 3, string.Join('\n', proxy.Requests));
        Assert.DoesNotContain(
            proxy.Requests,
            line => line.Contains("include_docs", StringComparison.Ordinal) && !line.Contains("_design", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_scan_goes_on_where_it_was_when_the_server_was_killed_and_started_again()
    {
        var server = await CouchDbServer.StartOwnAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var database = await FillAsync(server);
        var expected = await place.ScanAsync($"couchdb://{server.Address.Authority}/{database}");
        var killed = new Once();
        using var proxy = new CuttingProxy(server.Address, async line =>
        {
            if (!line.Contains("_bulk_get", StringComparison.Ordinal) || !killed.IsFirst())
            {
                return Cut.None;
            }

            server.Process!.Kill();
            Assert.True(await server.Process.StartAsync());
            return Cut.Request;
        });

        var found = await place.ScanAsync($"couchdb://{proxy.Authority}/{database}");

        Assert.False(killed.IsFirst());
        Assert.Equal(Subjects(expected), Subjects(found));
        server.Process!.Kill();
    }

    [SkippableFact]
    public async Task A_scan_reads_many_documents_in_one_request_and_no_more_requests_at_once_than_configured()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await FillAsync(server);
        using var proxy = new CuttingProxy(server.Address, pause: TimeSpan.FromMilliseconds(5));
        await using var place = new Workplace("performance:\n  max_concurrent_operations: 2\n  batch_size: 20\n", server.Credential);

        var found = await place.ScanAsync($"couchdb://{proxy.Authority}/{database}");

        Assert.NotEmpty(found);

        // The feed, and two requests for documents; the one that opened the database may linger.
        Assert.InRange(proxy.MostConnections, 2, 4);
        var reads = proxy.Requests.Count(line => line.Contains("_bulk_get", StringComparison.Ordinal));
        Assert.InRange(reads, 2, 300 / 4);
    }

    private static async Task<string> FillAsync(CouchDbServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. new RandomTrees(41).Documents(300).SelectMany(document => document.Revisions)]);
        return database;
    }

    private static string Step(string line) => line.Contains('?', StringComparison.Ordinal) ? line[..line.IndexOf('?', StringComparison.Ordinal)] : line;

    private static IEnumerable<string> Subjects(IEnumerable<IntegrityTools.Model.IntegrityIssue> issues) =>
        issues.Select(issue => $"{issue.Type} {issue.Subject}").Order(StringComparer.Ordinal);
}
