using System.Collections.Concurrent;
using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.Backups;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Storage;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>A server that answers 503 for a while, cuts its answers, or refuses what is too large, under scans of everything, backups and restores.</summary>
public class BusyServerTests
{
    private const string Rules = "stores: {}\nvalidation:\n  required_fields: { T: [ name ] }\n";

    /// <summary>Every question, each with its own path, is first answered so: also the small ones of the storage checks, whose answers count whatever their status.</summary>
    [SkippableTheory]
    [InlineData(nameof(Cut.Busy))]
    [InlineData(nameof(Cut.HalfAnswer))]
    public async Task A_scan_for_everything_finds_the_same_when_each_question_fails_once(string cut)
    {
        await using var place = await StoragePlace.WastefulAsync(Rules);
        await place.Server.InsertAsync(place.Database, [.. CouchBackups.Revisions, ServerScanTests.Doc("t", 1, ["a"], "\"@type\":\"T\"")]);
        await place.Server.PutAsync($"{place.Database}/_design/v", """{"views":{"all":{"map":"function(d){emit(d._id)}"}}}""");
        await place.Server.GetAsync($"{place.Database}/_design/v/_view/all?limit=0");
        var expected = await place.ScanAsync("all");
        using var proxy = FailingOnce(place, cut);

        var found = await place.Place.Engine.ScanAsync(
            new ScanOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Credential = place.Place.Credential, Types = ["all"] }, default).ToListAsync();

        Assert.Equal(Lines(expected), Lines(found));
        Assert.Contains(found, issue => issue.Type == IssueTypes.OrphanedRevisions);
    }

    [SkippableTheory]
    [InlineData(nameof(Cut.Busy))]
    [InlineData(nameof(Cut.Answer))]
    [InlineData(nameof(Cut.HalfAnswer))]
    public async Task A_backup_holds_the_same_when_each_question_fails_once(string cut)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        await place.Server.PutAsync(place.Database + "/_revs_limit", "77");
        var expected = await place.BackUpAsync();
        using var proxy = FailingOnce(place, cut);

        var made = await place.Place.Engine.Backups.CreateAsync(
            new BackupOptions { Store = $"couchdb://{proxy.Authority}/{place.Database}", Credential = place.Place.Credential, Folder = place.Place.PathOf("others") }, default);

        Assert.Equal(expected.Counts.OrderBy(count => count.Key, StringComparer.Ordinal), made.Counts.OrderBy(count => count.Key, StringComparer.Ordinal));
        Assert.Equal("77", made.Settings["_revs_limit"].Text);
        Assert.Equal(expected.Settings.Keys.Order(StringComparer.Ordinal), made.Settings.Keys.Order(StringComparer.Ordinal));
        Assert.True((await place.TestAsync(made)).Ok);
        Assert.Equal(
            DumpOf(expected).Split('\n').Skip(1).Order(StringComparer.Ordinal), DumpOf(made).Split('\n').Skip(1).Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData(nameof(Cut.Busy))]
    [InlineData(nameof(Cut.Answer))]
    public async Task A_restore_that_loses_each_write_once_stops_with_what_to_do_and_is_ended_by_resumes(string cut)
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        var copy = await place.Server.CreateDatabaseAsync();
        using var proxy = FailingOnce(place, cut, line => line.Contains("_bulk_docs", StringComparison.Ordinal) || line.Contains("_revs_limit", StringComparison.Ordinal));
        RepairExecution? execution = null;

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions
            {
                Backup = made.Path,
                Store = $"couchdb://{proxy.Authority}/{copy}",
                Credential = place.Place.Credential,
                ExecutionChanged = changed => execution = changed,
            },
            default));
        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
        Assert.Equal(ExecutionStatus.Stopped, execution!.Status);
        for (var run = 0; execution.Status != ExecutionStatus.Completed && run < 5; run++)
        {
            try
            {
                await place.Place.ResumeAsync(execution.Id);
            }
            catch (IntegrityException again)
            {
                Assert.Equal(ErrorIds.StoreUnavailable, again.ErrorId);
            }

            execution = await place.Place.Engine.GetExecutionAsync(execution.Id, default);
        }

        Assert.Equal(ExecutionStatus.Completed, execution.Status);
        Assert.Equal(await place.LeavesAsync(place.Database), await place.LeavesAsync(copy));
        var events = (await place.Place.Engine.GetLedgerAsync(default)).ReadEventsAsync(new LedgerQuery { Kind = LedgerEventKinds.StoreRestored }, default);
        Assert.Equal(44, JsonSerializer.Deserialize((await events.LastAsync()).Event.Data.Utf8.Span, ModelJson.Default.RestoreReport)!.Written);
        await place.Server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_503_for_each_write_of_a_local_document_ended_a_restore_and_a_shared_scan()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, CouchBackups.Revisions);
        var made = await place.BackUpAsync();
        using var proxy = FailingOnce(place, nameof(Cut.Busy), line => line.Contains("/_local", StringComparison.Ordinal));
        var store = $"couchdb://{proxy.Authority}/{place.Database}";

        await place.Place.Engine.Backups.RestoreAsync(
            new RestoreOptions { Backup = made.Path, Store = store, Credential = place.Place.Credential, Overwrite = true, Subjects = ["number"] }, default);
        var (_, report) = await place.Place.ScanAsync(new ScanOptions { Store = store, Types = ["conflicts"], Shared = "nightly" });

        Assert.Equal("success", report.Status);
    }

    [SkippableFact]
    public async Task A_document_of_a_dump_that_is_larger_than_the_server_takes_is_named_and_the_others_are_restored()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        var dump = place.Place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, [
            $"[{ServerScanTests.Doc("a", 1, ["a"], "\"x\":1")},{ServerScanTests.Doc("big", 1, ["a"], $"\"x\":\"{new string('y', 9_000_000)}\"")},{ServerScanTests.Doc("c", 1, ["a"], "\"x\":3")}]",
        ]);

        var report = await place.Place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = dump, Store = place.Store, Credential = place.Place.Credential }, default);

        var failed = Assert.Single(report.Failed);
        Assert.StartsWith("big: ", failed, StringComparison.Ordinal);
        Assert.Contains("max_document_size", failed, StringComparison.Ordinal);
        Assert.Equal(["a", "c"], (await place.LeavesAsync(place.Database)).Keys);
    }

    private static CuttingProxy FailingOnce(ServerPlace place, string cut, Func<string, bool>? which = null)
    {
        var met = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        return new CuttingProxy(
            place.Server.Address, line => Task.FromResult(which?.Invoke(line) != false && met.TryAdd(line, true) ? Enum.Parse<Cut>(cut) : Cut.None));
    }

    private static string DumpOf(BackupManifest backup)
    {
        var path = Path.Combine(Path.GetDirectoryName(backup.Path)!, backup.Files.Single(file => file.Role == "documents").Name);
        using var content = new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        return reader.ReadToEnd();
    }

    private static IEnumerable<string> Lines(IEnumerable<IntegrityIssue> issues) =>
        issues.Select(issue => $"{issue.Type} {issue.Subject} {issue.Severity}").Order(StringComparer.Ordinal);
}
