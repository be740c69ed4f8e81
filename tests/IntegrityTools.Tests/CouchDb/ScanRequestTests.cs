using System.Collections.Concurrent;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Storage;
using static IntegrityTools.Tests.CouchDb.IncrementalScanData;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>What an incremental scan asks of the server: each question costs as much as many documents.</summary>
public class ScanRequestTests
{
    private const string Patient = "performance:\n  timeout: 1s\n";

    [SkippableFact]
    public async Task An_incremental_scan_asks_nothing_twice_but_what_tells_whether_something_was_written_meanwhile()
    {
        await using var place = await ServerPlace.WithAsync(Patient, real: true, Sound(1), Sound(2));
        var requests = new ConcurrentQueue<string>();
        using var proxy = new CuttingProxy(place.Server.Address, line =>
        {
            requests.Enqueue(line);
            return Task.FromResult(Cut.None);
        });
        await ScanAsync(place, proxy);
        await place.Server.InsertAsync(place.Database, Sound(3));
        requests.Clear();

        var report = await ScanAsync(place, proxy);

        Assert.Equal(1, report.Documents);
        Assert.NotNull(report.Checkpoint);
        Assert.Equal(2, requests.Count(line => line == $"GET /{place.Database} HTTP/1.1"));
        Assert.Equal(requests.Distinct().Count() + 1, requests.Count);
    }

    [SkippableFact]
    public async Task What_does_not_depend_on_another_answer_is_asked_side_by_side()
    {
        await using var place = await ServerPlace.WithAsync(Patient, real: true, Sound(1), Sound(2));
        var meetings = new Dictionary<string, Meeting>();
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            await Task.WhenAll(meetings.Where(pair => line.Contains(pair.Key, StringComparison.Ordinal)).Select(pair => pair.Value.JoinAsync(pair.Key)));
            return Cut.None;
        });
        await ScanAsync(place, proxy);
        await place.Server.InsertAsync(place.Database, Sound(3));
        var (before, after) = (new Meeting(2), new Meeting(3));
        foreach (var (part, meeting) in new[] { ("limit=1&", before), ("_doc_ids", before), ("descending", after), ("_all_docs?limit=0", after), ("_design", after) })
        {
            meetings.Add(part, meeting);
        }

        var report = await ScanAsync(place, proxy);

        Assert.Equal(1, report.Documents);
        Assert.NotNull(report.Checkpoint);
    }

    [SkippableFact]
    public async Task Documents_that_were_written_last_and_again_since_are_asked_for_in_one_request()
    {
        await using var place = await ServerPlace.WithAsync(Patient, real: true, [.. Enumerable.Range(0, 12).Select(Sound)]);
        using var proxy = new CuttingProxy(place.Server.Address);
        await ScanAsync(place, proxy);
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 12).Select(number => Doc($"d{number}", 2, ["b", "a"], "\"x\":2"))]);

        var report = await ScanAsync(place, proxy);

        Assert.Equal(12, report.Documents);
        Assert.NotNull(report.SinceScan);
        Assert.Single(proxy.Requests, line => line.Contains("_bulk_get", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Of_a_wasteful_database_the_last_documents_are_asked_for_side_by_side()
    {
        await using var place = await StoragePlace.WastefulAsync(Patient);
        var sampled = new Meeting(11);
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            await (line.Contains("revs_info", StringComparison.Ordinal) || line.Contains("_revs_limit", StringComparison.Ordinal) ? sampled.JoinAsync(line) : Task.CompletedTask);
            return Cut.None;
        });

        var report = await ScanAsync(place, proxy);

        Assert.Equal(1, report.IssuesByType["orphaned_revisions"]);
    }

    private static async Task<ScanReport> ScanAsync(ServerPlace place, CuttingProxy proxy) =>
        (await place.Place.ScanAsync(new ScanOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Incremental = true })).Report;

    /// <summary>Lets those who come go on when all are there; who comes again counts once.</summary>
    private sealed class Meeting(int expected)
    {
        private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentDictionary<string, bool> here = new();

        public Task JoinAsync(string name)
        {
            here[name] = true;
            if (here.Count == expected)
            {
                all.TrySetResult();
            }

            return all.Task;
        }
    }
}
