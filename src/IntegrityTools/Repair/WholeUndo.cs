using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Undos that have given back all of an execution, in one part or in several.</summary>
internal static class WholeUndo
{
    /// <summary>Throws when nothing of the execution is left to take back. What an undo found changed it left alone: once that is settled, it can be tried again.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static async Task ThrowIfAnyAsync(ILedger ledger, RepairExecution execution, CancellationToken cancellationToken)
    {
        if (execution.Status != ExecutionStatus.Undone)
        {
            return;
        }

        // The last one first, as they are brought back.
        var undos = (await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false))
            .Where(undo => undo.Id == execution.UndoneBy || (undo.Undoes == execution.Id && undo.HasApplied && undo.Status != ExecutionStatus.Undone))
            .ToList();
        if (LeftNothing(undos.Single(undo => undo.Id == execution.UndoneBy)))
        {
            var ids = undos.ConvertAll(undo => undo.Id);
            throw new IntegrityException(
                ErrorIds.InvalidState,
                $"The execution was already undone by {string.Join(" and ", Enumerable.Reverse(ids))}.",
                execution.Id,
                execution.Destination is null ? $"To bring it back undo {string.Join(", then ", ids)}." : $"The repaired one still stands at {execution.Destination}, unless you moved it.");
        }
    }

    private static bool LeftNothing(RepairExecution undo) => undo.Outcomes.All(outcome =>
        outcome.Value == 0 || outcome.Key == Codes.Of(OperationOutcome.Applied) || outcome.Key == Codes.Of(OperationOutcome.AlreadyApplied));
}
