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

        var all = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);

        // The last one first, as they are brought back.
        var undos = all.Where(undo => undo.Id == execution.UndoneBy || (undo.Undoes == execution.Id && undo.HasApplied && undo.Status != ExecutionStatus.Undone)).ToList();
        if (LeftNothing(undos.Single(undo => undo.Id == execution.UndoneBy)))
        {
            ThrowIfTakenBack(all, execution);
            var ids = undos.ConvertAll(undo => undo.Id);
            throw new IntegrityException(
                ErrorIds.InvalidState,
                $"The execution was already undone by {string.Join(" and ", Enumerable.Reverse(ids))}.",
                execution.Id,
                execution.Destination is null ? $"To bring it back undo {string.Join(", then ", ids)}." : $"The repaired one still stands at {execution.Destination}, unless you moved it.");
        }
    }

    /// <summary>Throws when the undo was undone itself, and so on: only the last of them can be taken back.</summary>
    private static void ThrowIfTakenBack(IReadOnlyList<RepairExecution> all, RepairExecution execution)
    {
        var (last, stands) = (execution.UndoneBy, false);
        while (all.First(undo => undo.Id == last).UndoneBy is { } next)
        {
            (last, stands) = (next, !stands);
        }

        if (last != execution.UndoneBy)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                stands ? $"The execution was undone, and brought back by {last}." : $"The execution was undone, brought back, and undone again by {last}.",
                execution.Id,
                stands ? $"To take it back again undo {last}." : $"To bring it back again undo {last}.");
        }
    }

    private static bool LeftNothing(RepairExecution undo) => undo.Outcomes.All(outcome =>
        outcome.Value == 0 || outcome.Key == Codes.Of(OperationOutcome.Applied) || outcome.Key == Codes.Of(OperationOutcome.AlreadyApplied));
}
