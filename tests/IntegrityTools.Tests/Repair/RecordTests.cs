using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

/// <summary>What stays of a run for the next one, and for the log.</summary>
public class RecordTests
{
    [Fact]
    public async Task The_time_that_a_plan_estimates_is_learnt_from_earlier_executions()
    {
        await using var place = new Workplace();
        var (dump, _) = await DumpRepairTests.WriteDumpAsync(place, 81, 200, compressed: false);
        var guessed = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
        var applied = (await place.RunAsync(guessed, place.PathOf("repaired.jsonl"))).Where(result => result.Outcome == OperationOutcome.Applied).ToList();

        var learnt = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));

        Assert.NotEqual(guessed.EstimatedTimeMs, learnt.EstimatedTimeMs);
        Assert.Equal(applied.Sum(result => result.DurationMs), learnt.EstimatedTimeMs, tolerance: 1.5);
    }

    [Fact]
    public async Task Planning_tells_how_far_it_is()
    {
        await using var place = new Workplace();
        var (dump, _) = await DumpRepairTests.WriteDumpAsync(place, 83, 40, compressed: false);
        var issues = await place.ScanAsync("couchdump:" + dump);
        var told = new List<WorkProgress>();

        var plans = await place.Engine.PlanAsync(issues.ToAsyncEnumerable(), new PlanOptions { Progress = new ActionProgress(told.Add) }, default);

        Assert.Equal(Enumerable.Range(1, plans.Single().Operations.Count).Select(done => new WorkProgress("Planning", done, issues.Count, "issues", done, done == 1 ? "operation" : "operations")), told);
    }

    [Fact]
    public async Task Of_two_runs_that_saved_the_first_saw_the_state_before()
    {
        await using var place = new Workplace();
        var ledger = await place.Engine.GetLedgerAsync(default);
        foreach (var path in new[] { "exec-1-first.jsonl", "exec-1-slept.jsonl" })
        {
            await ledger.AppendAsync(
                [
                    new LedgerEvent
                    {
                        Kind = LedgerEventKinds.BackupSaved,
                        Store = "couchdb://127.0.0.1:1/db",
                        ExecutionId = "exec-1",
                        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(new BackupRecord(path, path, 1, 1, 1), LedgerJson.Default.BackupRecord)),
                    },
                ],
                default);
        }

        Assert.Equal("exec-1-first.jsonl", (await ExecutionFiles.ReadAsync(ledger, "exec-1", default)).Backup!.Path);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_audit_s_log_file_can_be_turned_off_and_the_ledger_cannot(bool enabled)
    {
        // A folder that is not there yet, named without a slash at its end.
        var logs = Path.Combine(Directory.CreateTempSubdirectory("integrity-audit-").FullName, "logs");
        try
        {
            await using var place = new Workplace($"audit:\n  enabled: {(enabled ? "true" : "false")}\n  log_path: {logs}\n");
            var (dump, _) = await DumpRepairTests.WriteDumpAsync(place, 82, 20, compressed: false);
            await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));

            Assert.Equal(enabled, File.Exists(Path.Combine(logs, "integrity-audit.jsonl")));
            Assert.Equal(ExecutionStatus.Completed, (await place.Engine.GetExecutionAsync(place.Execution!.Id, default)).Status);
            Assert.Empty((await place.VerifyAsync()).Faults);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(logs)!, recursive: true);
        }
    }
}
