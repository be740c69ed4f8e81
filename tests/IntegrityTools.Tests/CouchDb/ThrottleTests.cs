using System.Diagnostics;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Bounds on what a scan asks of a server at one time.</summary>
public class ThrottleTests
{
    [Fact]
    public void Requests_begin_evenly_spaced_and_time_that_nobody_used_is_not_made_up_for()
    {
        var pace = new RequestPace(4);

        Assert.Equal([0, 250, 500], Enumerable.Range(0, 3).Select(_ => pace.Take(TimeSpan.FromSeconds(10)).TotalMilliseconds));
        Assert.Equal(0, pace.Take(TimeSpan.FromSeconds(60)).TotalMilliseconds);
        Assert.Equal(200, pace.Take(TimeSpan.FromSeconds(60.05)).TotalMilliseconds);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scan_starts_no_more_requests_in_a_second_than_it_may(bool configured)
    {
        var documents = Enumerable.Range(0, 30).SelectMany(number => new[]
        {
            ServerScanTests.Doc($"d{number}", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc($"d{number}", 2, ["c", "a"], "\"x\":2"),
        });
        await using var place = await ServerPlace.WithAsync(
            configured ? "performance:\n  requests_per_second: 20\n  batch_size: 5\n" : "resolution: {}\n", real: false, [.. documents]);
        using var proxy = new CuttingProxy(place.Server.Address);
        var limits = configured ? null : new ScanLimits { RequestsPerSecond = 20, BatchSize = 5, MaxConcurrentOperations = 2, Timeout = TimeSpan.FromSeconds(20) };
        var watch = Stopwatch.StartNew();

        var (issues, _) = await place.Place.ScanAsync(new ScanOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Limits = limits });

        Assert.Equal(30, issues.Count);
        Assert.InRange(proxy.Requests.Count, 12, 40);
        Assert.True(watch.Elapsed >= TimeSpan.FromSeconds((proxy.Requests.Count - 1) / 20.0), $"{proxy.Requests.Count} requests in {watch.Elapsed}");
    }

    [SkippableTheory]
    [InlineData(1000, 10, null)]
    [InlineData(null, 10, 1)]
    [InlineData(null, 1, null)]
    [InlineData(null, null, null)]
    public async Task Bounds_did_not_reach_the_bodies_and_the_leaf_feed_that_load_a_server(int? perSecond, int? batch, int? operations)
    {
        var (now, most) = (0, 0);
        await using var place = await ServerPlace.WithAsync(
            "validation: { required_fields: { T: [n] } }\n", real: true,
            [.. Enumerable.Range(0, 25).Select(number => Document(number, "a")), .. Enumerable.Range(0, 5).Select(number => Document(number * 5, "b"))]);
        using var proxy = new CuttingProxy(place.Server.Address, async _ =>
        {
            InterlockedMax(Interlocked.Increment(ref now));
            await Task.Delay(20);
            Interlocked.Decrement(ref now);
            return Cut.None;
        });
        var options = new ScanOptions
        {
            Store = $"couchdb://{proxy.Authority}/{place.Database}",
            Types = ["all"],
            Limits = new ScanLimits { RequestsPerSecond = perSecond, BatchSize = batch, MaxConcurrentOperations = operations },
        };

        var (issues, report) = await place.Place.ScanAsync(options);

        Assert.Equal((5, 25), (issues.Count(issue => issue.Type == IssueTypes.RevisionConflict), issues.Count(issue => issue.Type == IssueTypes.MissingField)));
        Assert.Equal(25, report.Documents);
        Assert.Equal(25, issues.Where(issue => issue.Type == IssueTypes.MissingField).DistinctBy(issue => issue.Subject).Count());
        var asked = batch is null ? 1 : (25 / batch.Value) + 1;
        Assert.Equal(asked, proxy.Requests.Count(line => line.Contains("/_changes?style=all_docs&seq_interval", StringComparison.Ordinal)));
        Assert.Equal(asked, proxy.Requests.Count(line => line.Contains("/_all_docs?include_docs=true", StringComparison.Ordinal) && !line.Contains("_design", StringComparison.Ordinal)));
        Assert.InRange(most, 1, operations ?? 10);

        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(100, 12).Select(number => Document(number, "a"))]);
        var before = proxy.Requests.Count;
        (issues, _) = await place.Place.ScanAsync(options with { Incremental = true });
        Assert.Equal(12, issues.Count(issue => issue.Type == IssueTypes.MissingField));
        Assert.Equal(
            batch is null ? 1 : (12 / batch.Value) + 1,
            proxy.Requests.Skip(before).Count(line => line.Contains("/_changes?", StringComparison.Ordinal) && line.Contains("include_docs=true", StringComparison.Ordinal)));

        string Document(int number, string revision) => ServerScanTests.Doc($"d{number:D3}", 1, [revision], "\"@type\":\"T\"");

        void InterlockedMax(int seen)
        {
            for (int known; (known = most) < seen && Interlocked.CompareExchange(ref most, seen, known) != known;)
            {
            }
        }
    }

    [Theory]
    [InlineData(0, null, null, null)]
    [InlineData(65, null, null, null)]
    [InlineData(null, 10_001, null, null)]
    [InlineData(null, null, 0, null)]
    [InlineData(null, null, null, 0.01)]
    public async Task A_bound_outside_of_what_the_configuration_takes_is_refused(int? operations, int? batch, int? perSecond, double? timeout)
    {
        await using var place = new Workplace();
        var limits = new ScanLimits
        {
            MaxConcurrentOperations = operations,
            BatchSize = batch,
            RequestsPerSecond = perSecond,
            Timeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };

        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => place.ScanAsync(new ScanOptions { Store = "couchdb://localhost:1/d", Limits = limits }));

        Assert.Equal(ErrorIds.InvalidArgument, refusal.ErrorId);
    }
}
