using System.Runtime.CompilerServices;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>
/// Runs a plan, the same for every kind of store: lease → saved state → (intent → apply → verify → record) per batch. Killed at any
/// instruction, a resumed run ends where an unbroken one would have.
/// </summary>
internal sealed class Executor(ILedger ledger)
{
    /// <summary>Tells what a run would do; of an execution that is gone on with, what is pending. Writes nothing, neither to the store nor to the ledger.</summary>
    public async IAsyncEnumerable<RepairResult> PreviewAsync(
        IIntegrityStore store,
        RepairPlan plan,
        RepairExecution? resumed,
        RepairOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var outcomes = resumed is null ? [] : await OutcomesAsync(resumed.Id, cancellationToken).ConfigureAwait(false);
        var groups = Groups(plan, "dry-run", outcomes, allAgain: resumed?.Destination is not null);
        var selection = OperationSelection.Of(
            plan, options with { Approve = null }, "dry-run", number => IsSettled(outcomes, number, allAgain: resumed?.Destination is not null), groups);
        foreach (var result in selection.Passed)
        {
            yield return result;
        }

        var byNumber = selection.ToRun.Where(operation => operation.Group is not null).ToDictionary(operation => operation.Number);
        await foreach (var result in store.PreviewAsync(selection.ToRun, cancellationToken).ConfigureAwait(false))
        {
            var operation = byNumber.GetValueOrDefault(result.Number);
            yield return operation is null ? result : groups.Stopped(operation) ?? result;
            if (operation is not null)
            {
                groups.Note(operation, result.Outcome);
            }
        }
    }

    /// <summary>Runs the plan under a new execution, or goes on with one.</summary>
    /// <param name="store">The store.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="resumed">The execution to go on with; null for a new one.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops after the batch under way and leaves a resumable execution.</param>
    public async IAsyncEnumerable<RepairResult> RunAsync(
        IIntegrityStore store,
        RepairPlan plan,
        RepairExecution? resumed,
        RepairOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var execution = resumed ?? NewExecution(store, plan, options);
        await using var lease = await LeaseHolder
            .AcquireAsync(store.LeaseKeeper ?? ledger, store.Descriptor.Address, execution.Id, cancellationToken).ConfigureAwait(false);
        if (resumed is null && plan.Undoes is not null)
        {
            await OpenUndo.ThrowIfOutdatedAsync(ledger, plan, plan.Undoes, cancellationToken).ConfigureAwait(false);
        }
        else if (resumed is not null)
        {
            // Another run may have saved the state before and gone on with it until this one got the lease.
            execution = await ledger.GetExecutionAsync(resumed.Id, cancellationToken).ConfigureAwait(false) ?? resumed;
            ThrowIfOver(execution);
            await ThrowIfBackupChangedAsync(execution, cancellationToken).ConfigureAwait(false);
        }

        var context = new RepairContext
        {
            ExecutionId = execution.Id,
            BackupPath = execution.BackupPath ?? Path.Combine(ledger.BackupFolder, $"{execution.Id}-{lease.Nonce}.jsonl"),
            Destination = execution.Destination,
            Undoing = plan.Undoes is not null,
            Resuming = resumed is not null,
            WhileOpen = options.WhileOpen,
            Progress = options.Progress,
        };
        await using var repair = await store.BeginRepairAsync(context, cancellationToken).ConfigureAwait(false);

        // What a person refused or a run settled stays so: a second answer would hide in the ledger what was written.
        var outcomes = resumed is null ? [] : await OutcomesAsync(execution.Id, cancellationToken).ConfigureAwait(false);
        var groups = Groups(plan, execution.Id, outcomes, repair.AllOrNothing);
        var selection = OperationSelection.Of(plan, options, execution.Id, number => IsSettled(outcomes, number, repair.AllOrNothing), groups);
        var record = new ExecutionRecord(
            ledger, execution with { Status = ExecutionStatus.Running, EndedAt = null, Message = null }, outcomes);
        await record.StartedAsync(resumed is not null, cancellationToken).ConfigureAwait(false);
        options.ExecutionChanged?.Invoke(record.Execution);

        var run = new BatchRun(repair, record, lease, groups, execution.BackupPath is not null, options.Progress);
        var ended = false;
        try
        {
            if (selection.Passed.Count > 0)
            {
                await record.FinishedAsync(selection.Passed).ConfigureAwait(false);
            }

            foreach (var result in selection.Passed)
            {
                yield return result;
            }

            await foreach (var result in run.RunAsync(selection.ToRun, cancellationToken).ConfigureAwait(false))
            {
                yield return result;
            }

            ended = true;
            var stoppedBy = run.StoppedBy ?? (record.Failed == 0 ? null : $"Operations that failed: {record.Failed}. Resuming tries them again.");
            await record.EndedAsync(stoppedBy is null ? ExecutionStatus.Completed : ExecutionStatus.Stopped, stoppedBy).ConfigureAwait(false);
            options.ExecutionChanged?.Invoke(record.Execution);
        }
        finally
        {
            // Reached without an end when something was thrown, when the caller cancelled, or when it stopped reading results.
            if (!ended)
            {
                await record.EndedAsync(ExecutionStatus.Stopped, run.Failure ?? "Cancelled.").ConfigureAwait(false);
                options.ExecutionChanged?.Invoke(record.Execution);
            }
        }
    }

    /// <summary>Throws when there is nothing to go on with.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static void ThrowIfOver(RepairExecution execution)
    {
        if (execution.Status is ExecutionStatus.Completed or ExecutionStatus.Undone)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                $"The execution is {Codes.Of(execution.Status)}: there is nothing to resume.",
                execution.Id,
                execution.UndoneBy is { } undo
                    ? $"To bring back what it did, take back its undo: {CommandWords.Command($"integrity undo {undo}", $"Undo-RepairExecution {undo}")}."
                    : $"To take it back use {CommandWords.Command($"integrity undo {execution.Id}", $"Undo-RepairExecution {execution.Id}")}.");
        }
    }

    private static RepairExecution NewExecution(IIntegrityStore store, RepairPlan plan, RepairOptions options) => new()
    {
        Id = Identifiers.New("exec"),
        PlanId = plan.Id,
        Store = store.Descriptor.Address,
        Status = ExecutionStatus.Running,
        Actor = $"{Environment.UserName}@{Environment.MachineName}",
        Reason = options.Reason,
        StartedAt = DateTimeOffset.UtcNow,
        Undoes = plan.Undoes,
        Destination = options.Destination is null ? null : Path.GetFullPath(options.Destination),
        Operations = plan.Operations.Count,
        Pending = plan.Operations.Count,
    };

    /// <summary>The plan's groups, as an earlier part of the execution has left them.</summary>
    private static OperationGroups Groups(RepairPlan plan, string executionId, Dictionary<int, OperationOutcome> outcomes, bool allAgain)
    {
        var groups = new OperationGroups(plan, executionId);
        foreach (var operation in plan.Operations.Where(operation => IsSettled(outcomes, operation.Number, allAgain)))
        {
            groups.Note(operation, outcomes[operation.Number]);
        }

        return groups;
    }

    /// <summary>True for what has its outcome; where all is applied again, only for what the user or a bound kept out.</summary>
    private static bool IsSettled(Dictionary<int, OperationOutcome> outcomes, int number, bool allAgain) =>
        outcomes.TryGetValue(number, out var outcome)
        && (outcome is OperationOutcome.Declined or OperationOutcome.NeedsReview || (!allAgain && outcome != OperationOutcome.Failed));

    private async Task ThrowIfBackupChangedAsync(RepairExecution execution, CancellationToken cancellationToken)
    {
        if (execution.Destination is null)
        {
            var files = await ExecutionFiles.ReadAsync(ledger, execution.Id, cancellationToken).ConfigureAwait(false);
            try
            {
                await files.ThrowIfBackupChangedAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (IntegrityException lost) when (execution.Undoes is not null && lost.ErrorId is ErrorIds.StoreNotFound or ErrorIds.DamagedFile)
            {
                throw new IntegrityException(
                    lost.ErrorId, lost.Message, lost.Target, $"{lost.NextStep} Or undo {execution.Undoes} anew: that leaves out what this one gave back.", lost);
            }
        }
    }

    private async Task<Dictionary<int, OperationOutcome>> OutcomesAsync(string executionId, CancellationToken cancellationToken)
    {
        var outcomes = new Dictionary<int, OperationOutcome>();
        await foreach (var result in ledger.ReadResultsAsync(executionId, cancellationToken).ConfigureAwait(false))
        {
            outcomes[result.Number] = result.Outcome;
        }

        return outcomes;
    }
}
