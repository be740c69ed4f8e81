using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>
/// Operations that only make sense together: each step of a group runs after the steps before it have come to their end, and what follows
/// one that did not is not begun.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="executionId">The execution, for the results.</param>
internal sealed class OperationGroups(RepairPlan plan, string executionId)
{
    private const int Turning = 2;
    private readonly Dictionary<string, (RepairOperation Operation, OperationOutcome Outcome)> stopped = new(StringComparer.Ordinal);

    /// <summary>Notes what became of an operation.</summary>
    public void Note(RepairOperation operation, OperationOutcome outcome)
    {
        var ended = outcome is OperationOutcome.Applied or OperationOutcome.AlreadyApplied or OperationOutcome.WouldApply;

        // Taken back, what refers to a document may stay turned: a reference that somebody has edited since is no reason to give nothing back.
        if (operation.Group is { } group && !ended && !(plan.Undoes is not null && operation.Step == Turning))
        {
            stopped.TryAdd(group, (operation, outcome));
        }
    }

    /// <summary>The result of an operation whose group has stopped; null: it may run.</summary>
    public RepairResult? Stopped(RepairOperation operation)
    {
        if (operation.Group is not { } group || !stopped.TryGetValue(group, out var cause) || cause.Operation.Number == operation.Number)
        {
            return null;
        }

        // What a failure has stopped is tried again with it; what stopped for good is settled.
        var outcome = cause.Outcome is OperationOutcome.Failed or OperationOutcome.NeedsReview or OperationOutcome.Declined ? cause.Outcome : OperationOutcome.Stale;
        return RepairResult.Of(
            executionId, operation, outcome,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Not begun: operation {cause.Operation.Number} ({cause.Operation.Subject}), with which it belongs together, is {Codes.Of(cause.Outcome)}."));
    }
}
