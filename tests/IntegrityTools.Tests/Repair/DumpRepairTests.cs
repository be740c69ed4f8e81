using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

public class DumpRepairTests
{
    [Theory]
    [InlineData(21, false, null)]
    [InlineData(22, true, null)]
    [InlineData(23, false, Strategy.LatestWins)]
    [InlineData(24, true, Strategy.Merge)]
    public async Task A_repair_writes_a_new_dump_and_an_undo_gives_back_the_same_bytes(int seed, bool compressed, Strategy? strategy)
    {
        await using var place = new Workplace();
        var (dump, ids) = await WriteDumpAsync(place, seed, 80, compressed);
        var bytes = await File.ReadAllBytesAsync(dump);
        var store = "couchdump:" + dump;
        var plan = await place.PlanAsync(await place.ScanAsync(store), strategy);
        Assert.NotEqual(0, plan.Automatic);

        var repaired = place.PathOf("repaired.jsonl" + (compressed ? ".gz" : ""));
        var results = await place.RunAsync(plan, repaired);
        Assert.All(results, result => Assert.True(result.Outcome is OperationOutcome.Applied or OperationOutcome.NeedsReview, $"{result.Outcome} {result.Message}"));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(dump));
        var left = await place.ScanAsync("couchdump:" + repaired);
        Assert.Equal(plan.NeedsReview, left.Count);

        var undone = place.PathOf("undone.jsonl");
        Assert.Equal(OperationOutcome.Applied, (await place.RunAsync(await place.PlanUndoAsync(), undone)).Single().Outcome);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(undone));
        Assert.Empty((await place.VerifyAsync()).Faults);
    }

    [Fact]
    public async Task An_execution_killed_between_naming_the_new_dump_and_recording_it_can_be_resumed()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 30, 40, compressed: false);
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
        var repaired = place.PathOf("repaired.jsonl");
        await place.RunAsync(plan, repaired);
        var bytes = await File.ReadAllBytesAsync(repaired);

        // As the ledger stands after a kill: the execution has begun and never ended, and its file is there.
        await using var store = place.Engine.Stores.Open(plan.Store, null);
        var ledger = await place.Engine.GetLedgerAsync(default);
        await new ExecutionRecord(ledger, place.Execution! with { Status = ExecutionStatus.Running, EndedAt = null }, []).StartedAsync(resuming: true, default);
        var again = new Executor(ledger).RunAsync(store, plan, place.Execution!, new RepairOptions(), default);
        Assert.Equal(plan.Automatic, (await again.ToListAsync()).Count);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(repaired));
        Assert.Empty(Directory.GetFiles(place.Folder, "*.tmp"));

        await new ExecutionRecord(ledger, place.Execution! with { Status = ExecutionStatus.Running, EndedAt = null }, []).StartedAsync(resuming: true, default);
        await File.AppendAllTextAsync(repaired, "\n");
        var refused = await Assert.ThrowsAsync<IntegrityException>(
            () => new Executor(ledger).RunAsync(store, plan, place.Execution!, new RepairOptions(), default).ToListAsync().AsTask());
        Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
    }

    [Fact]
    public async Task An_undo_needs_the_repaired_dump_only()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 25, 40, compressed: false);
        var digest = SHA256.HashData(await File.ReadAllBytesAsync(dump));
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));
        File.Delete(dump);
        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("undone.jsonl"));
        Assert.Equal(digest, SHA256.HashData(await File.ReadAllBytesAsync(place.PathOf("undone.jsonl"))));
    }

    [Fact]
    public async Task A_repaired_dump_that_was_changed_is_taken_back_document_by_document()
    {
        await using var place = new Workplace();
        var (dump, ids) = await WriteDumpAsync(place, 26, 40, compressed: false);
        await using var original = new DumpSource(dump);
        var before = await StoreState.ReadAsync(original, ids);
        var repaired = place.PathOf("repaired.jsonl");
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), repaired);
        await File.AppendAllTextAsync(repaired, """[{"_id":"new","_rev":"1-aa","_revisions":{"start":1,"ids":["aa"]}}]""" + "\n");
        var inverse = await place.PlanUndoAsync();
        Assert.All(inverse.Operations, operation => Assert.Equal(OperationTypes.RestoreRevisions, operation.Type));
        await place.RunAsync(inverse, place.PathOf("undone.jsonl"));
        await using var undone = new DumpSource(place.PathOf("undone.jsonl"));
        Assert.Equal(before, await StoreState.ReadAsync(undone, ids));
        Assert.Single(await undone.ReadLeavesAsync(["new"], default).ToListAsync());
    }

    [Fact]
    public async Task A_dump_is_never_overwritten()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 27, 40, compressed: false);
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
        await File.WriteAllTextAsync(place.PathOf("there.jsonl"), "precious");
        foreach (var destination in new[] { null, dump, place.PathOf("there.jsonl") })
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan, destination).AsTask());
            Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
            Assert.NotNull(refused.NextStep);
        }

        Assert.Equal("precious", await File.ReadAllTextAsync(place.PathOf("there.jsonl")));
    }

    [Fact]
    public async Task A_repair_touches_no_file_beside_the_new_dump_and_removes_what_a_killed_one_left()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 31, 40, compressed: false);
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
        await File.WriteAllTextAsync(place.PathOf("repaired.jsonl.partial"), "precious");
        await File.WriteAllTextAsync(place.PathOf("plan.json.partial"), "precious");
        var dead = Path.GetFileName(TemporaryFiles.NameFor("repaired.jsonl")).Replace($"-{ProcessIdentity.Current.Id}-", "-4194304-", StringComparison.Ordinal);
        await File.WriteAllTextAsync(place.PathOf(dead), "half of a dump");

        await PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: false, default);
        await place.RunAsync(plan, place.PathOf("repaired.jsonl"));

        Assert.Equal("precious", await File.ReadAllTextAsync(place.PathOf("repaired.jsonl.partial")));
        Assert.Equal("precious", await File.ReadAllTextAsync(place.PathOf("plan.json.partial")));
        Assert.Empty(Directory.GetFiles(place.Folder, "*.tmp"));
    }

    [SkippableFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Who_may_not_read_a_dump_may_not_read_the_repaired_and_the_restored_one()
    {
        Skip.If(OperatingSystem.IsWindows(), "modes of files: Windows has none.");
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 32, 40, compressed: false);
        File.SetUnixFileMode(dump, UnixFileMode.UserRead);
        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));
        await place.RunAsync(await place.PlanUndoAsync(), place.PathOf("undone.jsonl"));
        foreach (var made in new[] { "repaired.jsonl", "undone.jsonl" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place.PathOf(made)));
        }
    }

    [Fact]
    public async Task A_scan_tells_of_a_repair_that_was_cut_off_until_another_has_followed()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 33, 40, compressed: false);
        var store = "couchdump:" + dump;
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        await place.RunAsync(plan, place.PathOf("first.jsonl"));
        Assert.Empty((await place.ScanAsync(new ScanOptions { Store = store })).Report.Remarks);

        // As the ledger stands after a kill.
        var ledger = await place.Engine.GetLedgerAsync(default);
        await new ExecutionRecord(ledger, place.Execution! with { Status = ExecutionStatus.Running, EndedAt = null }, []).StartedAsync(resuming: true, default);
        var remark = Assert.Single((await place.ScanAsync(new ScanOptions { Store = store })).Report.Remarks);
        Assert.Contains($"integrity repair --resume {place.Execution!.Id}", remark, StringComparison.Ordinal);

        await place.RunAsync(plan, place.PathOf("second.jsonl"));
        Assert.Empty((await place.ScanAsync(new ScanOptions { Store = store })).Report.Remarks);
    }

    [Fact]
    public async Task A_cut_compressed_dump_is_repaired_as_far_as_it_can_be_read()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 28, 200, compressed: true);
        var bytes = await File.ReadAllBytesAsync(dump);
        await File.WriteAllBytesAsync(dump, bytes[..(bytes.Length * 2 / 3)]);
        var issues = await place.ScanAsync("couchdump:" + dump);
        Assert.Contains(issues, issue => issue.Type == IssueTypes.UnreadableEntry);
        var plan = await place.PlanAsync(issues);
        Assert.NotEqual(0, plan.Automatic);
        var results = await place.RunAsync(plan, place.PathOf("new.jsonl"));
        Assert.Equal(plan.Automatic, results.Count(result => result.Outcome == OperationOutcome.Applied));
        Assert.StartsWith("line ", Assert.Single(place.Execution!.Damaged), StringComparison.Ordinal);
        var left = await place.ScanAsync("couchdump:" + place.PathOf("new.jsonl"));
        Assert.Equal(plan.Operations.Count - plan.Automatic, left.Count);
        Assert.Empty(Directory.GetFiles(place.Folder, "*.tmp"));
    }

    [Fact]
    public async Task The_same_dump_gives_the_same_plan_and_the_same_new_dump()
    {
        await using var place = new Workplace();
        var (dump, _) = await WriteDumpAsync(place, 29, 60, compressed: false);
        for (var turn = 0; turn < 2; turn++)
        {
            await place.RunAsync(await place.PlanAsync((await place.ScanAsync("couchdump:" + dump)).OrderBy(issue => issue.Subject, StringComparer.Ordinal)), place.PathOf($"{turn}.jsonl"));
        }

        Assert.Equal(await File.ReadAllBytesAsync(place.PathOf("0.jsonl")), await File.ReadAllBytesAsync(place.PathOf("1.jsonl")));
    }

    internal static async Task<(string Path, IReadOnlyList<string> Ids)> WriteDumpAsync(Workplace place, int seed, int count, bool compressed)
    {
        var ids = new List<string>();
        var lines = new StringBuilder("""{"name":"@cloudant/couchbackup","version":"2.9.10","mode":"full"}""").Append('\n');
        foreach (var (id, revisions) in new RandomTrees(seed).Documents(count))
        {
            ids.Add(id);
            lines.Append('[').AppendJoin(',', revisions).Append("]\n");
        }

        var path = place.PathOf("dump.jsonl" + (compressed ? ".gz" : ""));
        await using var file = File.Create(path);
        await using Stream target = compressed ? new GZipStream(file, CompressionLevel.Fastest) : file;
        await target.WriteAsync(Encoding.UTF8.GetBytes(lines.ToString()));
        return (path, ids);
    }
}
