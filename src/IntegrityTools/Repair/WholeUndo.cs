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
        var executions = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);
        var undos = executions
            .Where(undo => undo.Id == execution.UndoneBy || (undo.Undoes == execution.Id && undo.HasApplied && undo.Status != ExecutionStatus.Undone))
            .ToList();
        if (LeftNothing(undos.Single(undo => undo.Id == execution.UndoneBy)))
        {
            throw Refusal(execution, undos.ConvertAll(undo => undo.Id), Chain(executions, execution));
        }
    }

    /// <summary>The undo of an execution, the undo of that one, and so on, to the one that stands.</summary>
    private static List<string> Chain(IReadOnlyList<RepairExecution> executions, RepairExecution execution)
    {
        var chain = new List<string>();
        for (RepairExecution? next = execution; next is { Status: ExecutionStatus.Undone, UndoneBy: { } by }; next = executions.FirstOrDefault(undo => undo.Id == by))
        {
            chain.Add(by);
        }

        return chain;
    }

    /// <summary>Each second one of the chain brought back what the execution did: only the last one can be undone, and what that does is told.</summary>
    private static IntegrityException Refusal(RepairExecution execution, List<string> undos, List<string> chain)
    {
        var last = chain[^1];
        var inParts = string.Join(" and ", Enumerable.Reverse(undos));
        return chain.Count == 1 || execution.Destination is not null
            ? Refused(
                $"The execution was already undone by {inParts}.",
                execution.Destination is null ? $"To bring it back undo {string.Join(", then ", undos)}." : $"The repaired one still stands at {execution.Destination}, unless you moved it.")
            : chain.Count % 2 == 0
                ? Refused($"The execution was undone by {inParts}, and brought back by {last}: what it did stands again.", $"To take it back again undo {last}.")
                : Refused($"The execution was undone by {inParts}, brought back since, and is undone by {last} now.", $"To bring it back undo {last}.");

        IntegrityException Refused(string message, string nextStep) => new(ErrorIds.InvalidState, message, execution.Id, nextStep);
    }

    private static bool LeftNothing(RepairExecution undo) => undo.Outcomes.All(outcome =>
        outcome.Value == 0 || outcome.Key == Codes.Of(OperationOutcome.Applied) || outcome.Key == Codes.Of(OperationOutcome.AlreadyApplied));
}
