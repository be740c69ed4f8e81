using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>An operation together with what became of it.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Result">Its result.</param>
public sealed record AppliedOperation(RepairOperation Operation, RepairResult Result);
