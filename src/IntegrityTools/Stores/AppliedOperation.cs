using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>An operation together with what became of it.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Result">Its result; null when an attempt that may have written was cut off between its intent and its record, so that the store alone can tell.</param>
public sealed record AppliedOperation(RepairOperation Operation, RepairResult? Result);
