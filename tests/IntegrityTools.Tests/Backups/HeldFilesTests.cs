using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>The temporary files of large attachments in a host that lives on when what it had asked for was called off, as a session of PowerShell does.</summary>
[Collection(nameof(Alone))]
public class HeldFilesTests
{
    private const int Large = 1_200_000;

    [SkippableFact]
    public async Task A_backup_that_is_called_off_at_any_request_for_an_attachment_holds_no_temporary_file_any_more()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Documents(4));

        var cancelled = await SweepAsync(place, (store, begin) => place.Place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = store(place.Database), Credential = place.Server.Credential, Folder = place.Place.PathOf(Guid.NewGuid().ToString("N")) }, begin()));

        Assert.Equal(8, cancelled);
    }

    [SkippableFact]
    public async Task A_restore_that_is_called_off_at_any_write_of_an_attachment_holds_no_temporary_file_any_more()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Documents(12));
        var made = await place.BackUpAsync();
        var copies = new List<string>();

        var cancelled = await SweepAsync(place, async (store, begin) =>
        {
            copies.Add(await place.Server.CreateDatabaseAsync());
            await place.Place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Store = store(copies[^1]), Credential = place.Server.Credential }, begin());
        });

        Assert.Equal(12, cancelled);
        foreach (var copy in copies)
        {
            await place.Server.DeleteAsync(copy);
        }
    }

    // Both sides have added one: the merged document takes one of them from the losing leaf.
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repair_or_an_undo_that_is_called_off_at_any_request_for_an_attachment_holds_no_temporary_file_any_more(bool undo)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        var options = new RepairOptions { Credential = place.Server.Credential };

        var cancelled = await SweepAsync(place, async (store, begin) =>
        {
            var database = await place.Server.CreateDatabaseAsync();
            await place.Server.InsertAsync(
                database,
                ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"),
                ServerScanTests.Doc("d", 2, ["b", "a"], $"\"x\":1,{Attached("one", 1)}"),
                ServerScanTests.Doc("d", 2, ["c", "a"], $"\"x\":1,{Attached("two", 2)}"));
            try
            {
                var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(store(database)));
                if (undo)
                {
                    Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Place.RunAsync(plan)).Outcome);
                    plan = await place.Place.PlanUndoAsync();
                }

                Assert.All(await place.Place.Engine.RepairAsync(plan, options, begin()).ToListAsync(), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
            }
            finally
            {
                await place.Server.DeleteAsync(database);
            }
        });

        Assert.True(cancelled >= 2, $"{cancelled}");
    }

    /// <summary>Runs it again and again, called off at the first request that carries an attachment, then at the second, until none is left; how often that was.</summary>
    private static async Task<int> SweepAsync(ServerPlace place, Func<Func<string, string>, Func<CancellationToken>, Task> run)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Open files are looked for in /proc.");
        CancellationTokenSource? stop = null;
        var (seen, at) = (0, 0);
        using var proxy = new CuttingProxy(place.Server.Address, line =>
        {
            if (stop is { } source && line.Contains("/d", StringComparison.Ordinal) && (line.Contains("?rev=", StringComparison.Ordinal) || line.StartsWith("PUT", StringComparison.Ordinal))
                && Interlocked.Increment(ref seen) == at)
            {
                source.Cancel();
            }

            return Task.FromResult(Cut.None);
        });
        while (true)
        {
            (seen, at, stop) = (0, at + 1, null);
            try
            {
                await run(database => $"couchdb://{proxy.Authority}/{database}", () => (stop = new CancellationTokenSource()).Token);
                return at - 1;
            }
            catch (OperationCanceledException)
            {
                Assert.Empty(HeldFiles());
            }
            finally
            {
                stop?.Dispose();
            }
        }
    }

    private static List<string> HeldFiles() =>
    [
        .. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(Target)
            .Where(target => Path.GetFileName(target).StartsWith("integrity-", StringComparison.Ordinal) && target.Contains(".tmp", StringComparison.Ordinal)),
    ];

    private static string Target(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (FileNotFoundException)
        {
            return ""; // Closed meanwhile.
        }
    }

    private static string[] Documents(int count) =>
        [.. Enumerable.Range(0, count).Select(index => ServerScanTests.Doc($"d{index}", 1, ["a"], Attached("one", index, "two")))];

    private static string Attached(string name, int seed, params string[] more) => "\"_attachments\":{" + string.Join(',', more.Prepend(name).Select((each, index) =>
    {
        var bytes = new byte[Large];
        new Random(seed + (100 * index)).NextBytes(bytes);
        return $"{JsonSerializer.Serialize(each)}:{{\"content_type\":\"image/x-raw\",\"revpos\":1,\"data\":\"{Convert.ToBase64String(bytes)}\"}}";
    })) + "}";
}
