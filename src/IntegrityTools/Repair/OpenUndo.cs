using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>
/// An undo that was begun and is not over. What it was at when it stopped only it can tell from the change of somebody else, so that another undo waits for it as
/// long as it can be gone on with; and the execution itself gone on with would leave a mixture of both.
/// </summary>
internal static class OpenUndo
{
    /// <summary>Throws when an undo of the execution may have written, and is not over.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static async Task ThrowIfAnyAsync(ILedger ledger, string executionId, CancellationToken cancellationToken)
    {
        if (Find(await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false), executionId).FirstOrDefault() is { } begun)
        {
            throw Refusal(executionId, begun, "What this execution has not done yet, a new scan and plan do.");
        }
    }

    /// <summary>Throws when an undo of the execution runs, or was stopped in the midst and can be gone on with. What failed in one that came to its end, another may try.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="executions">All that it has.</param>
    /// <param name="executionId">The execution.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static async Task ThrowIfUnfinishedAsync(
        ILedger ledger, IReadOnlyList<RepairExecution> executions, string executionId, CancellationToken cancellationToken)
    {
        foreach (var begun in Find(executions, executionId))
        {
            var failed = begun.Outcomes.GetValueOrDefault(Codes.Of(OperationOutcome.Failed));
            if ((begun.Status == ExecutionStatus.Running || begun.Pending > failed) && await CanGoOnAsync(ledger, begun.Id, cancellationToken).ConfigureAwait(false))
            {
                throw Refusal(executionId, begun, $"Where an operation of high risk ends it each time, {CommandWords.Option("--max-risk medium", "-MaximumRisk Medium")} leaves that out.");
            }
        }
    }

    /// <summary>Throws when the execution has gone on since the undo was planned: that would take back a part, and the rest would count as taken back with it.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static async Task ThrowIfOutdatedAsync(ILedger ledger, RepairPlan undo, string executionId, CancellationToken cancellationToken)
    {
        var planned = await ledger.ReadEventsAsync(new LedgerQuery { PlanId = undo.Id, Limit = 1 }, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        foreach (var kind in new[] { LedgerEventKinds.OperationStarted, LedgerEventKinds.OperationFinished })
        {
            var since = new LedgerQuery { ExecutionId = executionId, Kind = kind, After = planned?.Number ?? long.MaxValue, Limit = 1 };
            if (await ledger.ReadEventsAsync(since, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new IntegrityException(
                    ErrorIds.InvalidState,
                    "The execution went on after its undo was planned, which would take back a part of it only.",
                    executionId,
                    $"Undo it again: {CommandWords.Command($"integrity undo {executionId} --confirm", $"Undo-RepairExecution {executionId}")}.");
            }
        }
    }

    private static IntegrityException Refusal(string executionId, RepairExecution begun, string otherwise) => new(
        ErrorIds.InvalidState,
        $"The execution is being taken back by {begun.Id}, which is not over.",
        executionId,
        $"If it was stopped, go on with it: {CommandWords.Command($"integrity repair --resume {begun.Id} --confirm", $"Resume-RepairExecution {begun.Id}")}. {otherwise}");

    private static IEnumerable<RepairExecution> Find(IReadOnlyList<RepairExecution> executions, string executionId) => executions.Where(undo =>
        undo is { Destination: null, BackupPath: not null, Status: ExecutionStatus.Running or ExecutionStatus.Stopped } && undo.Undoes == executionId);

    /// <summary>False when what the undo saved is lost or changed: it is refused for good then, and another one has to do the rest.</summary>
    private static async Task<bool> CanGoOnAsync(ILedger ledger, string undo, CancellationToken cancellationToken)
    {
        try
        {
            await (await ExecutionFiles.ReadAsync(ledger, undo, cancellationToken).ConfigureAwait(false)).ThrowIfBackupChangedAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (IntegrityException lost) when (lost.ErrorId is ErrorIds.StoreNotFound or ErrorIds.DamagedFile)
        {
            return false;
        }
    }
}
