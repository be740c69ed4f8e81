using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>An operation together with what became of it.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Result">Its result; null when an attempt that may have written was cut off between its intent and its record, so that the store alone can tell.</param>
public sealed record AppliedOperation(RepairOperation Operation, RepairResult? Result)
{
    /// <summary>
    /// False for what did not come to its end: the state that it found then may hold what others wrote meanwhile, and says nothing of what it left.
    /// </summary>
    public bool IsWhole => Result is { Outcome: OperationOutcome.Applied or OperationOutcome.AlreadyApplied };
}
