using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.CouchDb;

public class ScanProgressTests
{
    [SkippableFact]
    public async Task Progress_does_not_stand_at_the_end_while_conflicts_are_still_read()
    {
        await using var place = await ServerPlace.WithAsync(
            "performance:\n  max_concurrent_operations: 2\n  batch_size: 2\n", real: true,
            [.. Enumerable.Range(0, 6).SelectMany(number => new[] { Doc($"d{number}", 1, ["a1"], "\"x\":1"), Doc($"d{number}", 1, ["a2"], "\"y\":1") })]);
        var told = new TaskCompletionSource<WorkProgress>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var proxy = new CuttingProxy(place.Server.Address, async line =>
        {
            if (line.Contains("_bulk_get", StringComparison.Ordinal))
            {
                await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
            }

            return Cut.None;
        });
        var progress = new ActionProgress(value =>
        {
            if (value.Activity == "Reading conflicts")
            {
                told.TrySetResult(value);
            }
        });

        var (issues, _) = await place.Place.ScanAsync(new ScanOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Types = ["conflicts"], Progress = progress });

        Assert.Equal(6, issues.Count);
        var first = await told.Task;
        Assert.Equal((6L, true), (first.Total, first.Done < first.Total));
    }
}
