using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Repair;

/// <summary>Leaves store and ledger as a kill does between the intent of a batch and its outcome.</summary>
internal static class CutRun
{
    /// <summary>As many as there are.</summary>
    public const int All = int.MaxValue;

    /// <summary>Saves and intends what the plan does by itself, and applies the first of it.</summary>
    /// <returns>The execution, and what became of the operations, which the ledger does not know.</returns>
    public static async Task<(string Execution, IReadOnlyList<RepairResult> Results)> LeaveAsync(Workplace place, RepairPlan plan, int applied, Action? saved = null)
    {
        var todo = plan.Operations.Where(operation => !operation.NeedsReview).ToList();
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
        await record.SavedAsync(await repair.SaveAsync(todo, default), default);
        saved?.Invoke();
        await record.IntendedAsync(todo, default);
        return (execution.Id, applied > 0 ? await repair.ApplyAsync([.. todo.Take(applied)], default) : []);
    }
}
