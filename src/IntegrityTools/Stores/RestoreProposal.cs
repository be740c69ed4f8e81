using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a restore would do.</summary>
/// <param name="Report">As a person is told.</param>
/// <param name="Operations">As an executor does it; none: there is nothing to write.</param>
public sealed record RestoreProposal(RestoreReport Report, IReadOnlyList<RepairOperation> Operations);
