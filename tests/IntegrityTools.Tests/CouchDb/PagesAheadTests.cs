using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Lists of documents that are longer than a page.</summary>
public class PagesAheadTests
{
    private const int Documents = (4 * PagesAhead.PageSize) + 7;

    [SkippableTheory]
    [InlineData(5, true)]
    [InlineData(2, false)]
    public async Task A_long_list_is_read_by_several_requests_in_its_order_however_often_one_breaks(int requests, bool inPages)
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        string[] odd = ["+", "%41", "a/b c", "é", "日本", "😀", "\\\\\\\"", "Z", "z "];
        await server.InsertAsync(
            database,
            [.. Enumerable.Range(0, Documents).Select(number => ServerScanTests.Doc($"{odd[number % odd.Length]}{number}", 1, ["a"], $"\"n\":{number}"))]);
        var broken = 0;
        using var proxy = new CuttingProxy(server.Address, line => Task.FromResult(
            line.Contains("_all_docs", StringComparison.Ordinal) && Interlocked.Increment(ref broken) % 3 == 2 ? (Cut)(1 + (broken % 3)) : Cut.None));
        var options = new CouchOptions { MaxConcurrentOperations = requests, Backoff = TimeSpan.FromMilliseconds(1) };
        await using var source = new ServerSource(new CouchClient(new Uri($"http://{proxy.Authority}"), database, server.Credential, options));

        var found = await source.ReadDocumentsAsync(new ScanStatistics(), default).Select(document => (document.Id, Length: document.Utf8.Length)).ToListAsync();

        Assert.Equal(Documents, found.Count);
        Assert.Equal(found.Select(document => document.Id).Order(Utf8Order), found.Select(document => document.Id));
        Assert.All(found, document => Assert.True(document.Length > 10));
        Assert.Equal(inPages, proxy.Requests.Any(line => line.Contains("skip=", StringComparison.Ordinal)));
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task Whoever_stops_in_the_middle_of_a_long_list_leaves_no_request_behind()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. Enumerable.Range(0, Documents).Select(number => ServerScanTests.Doc($"d{number}", 1, ["a"], "\"n\":1"))]);
        await using var source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
        using var enough = new CancellationTokenSource();

        Assert.Equal(3, (await source.ReadDocumentsAsync(new ScanStatistics(), default).Take(3).ToListAsync()).Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var document in source.ReadDocumentsAsync(new ScanStatistics(), enough.Token))
            {
                await enough.CancelAsync();
            }
        });

        Assert.Equal(Documents, await source.ReadDocumentsAsync(new ScanStatistics(), default).CountAsync());
        await server.DeleteAsync(database);
    }

    private static Comparer<string> Utf8Order { get; } = Comparer<string>.Create((one, other) =>
        System.Text.Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(other)));
}
