using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>
/// An undo that was begun and is not over. Only it can tell what it gave back already: another undo would take that for the change of somebody else, and
/// the execution gone on with would leave a mixture of both.
/// </summary>
internal static class OpenUndo
{
    /// <summary>Throws when an undo of the execution may have written, and is not over.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static async Task ThrowIfAnyAsync(ILedger ledger, string executionId, CancellationToken cancellationToken)
    {
        var executions = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);
        var begun = executions.FirstOrDefault(undo =>
            undo is { Destination: null, BackupPath: not null, Status: ExecutionStatus.Running or ExecutionStatus.Stopped } && undo.Undoes == executionId);
        if (begun is not null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                $"The execution is being taken back by {begun.Id}, which is not over.",
                executionId,
                $"If it was stopped, go on with it: 'integrity repair --resume {begun.Id} --confirm', Resume-RepairExecution.");
        }
    }
}
