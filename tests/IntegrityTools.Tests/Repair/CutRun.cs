using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Repair;

/// <summary>Leaves store and ledger as a kill does between the intent of a batch and its outcome.</summary>
internal static class CutRun
{
    /// <summary>Saves and intends the whole plan, and applies it or not.</summary>
    /// <returns>The execution, and what became of the operations, which the ledger does not know.</returns>
    public static async Task<(string Execution, IReadOnlyList<RepairResult> Results)> LeaveAsync(Workplace place, RepairPlan plan, bool applied, Action? saved = null)
    {
        var ledger = await place.Engine.GetLedgerAsync(default);
        var execution = new RepairExecution
        {
            Id = Identifiers.New("exec"),
            PlanId = plan.Id,
            Store = plan.Store,
            Status = ExecutionStatus.Running,
            StartedAt = DateTimeOffset.UtcNow,
            Undoes = plan.Undoes,
            Operations = plan.Operations.Count,
        };
        var record = new ExecutionRecord(ledger, execution, []);
        await record.StartedAsync(resuming: false, default);
        await using var store = place.Engine.Stores.Open(plan.Store, place.Credential);
        await using var repair = await store.BeginRepairAsync(
            new Stores.RepairContext { ExecutionId = execution.Id, BackupPath = place.PathOf(execution.Id + ".jsonl"), Undoing = plan.Undoes is not null }, default);
        await record.SavedAsync(await repair.SaveAsync(plan.Operations, default), default);
        saved?.Invoke();
        await record.IntendedAsync(plan.Operations, default);
        return (execution.Id, applied ? await repair.ApplyAsync(plan.Operations, default) : []);
    }
}
