using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>A plan as a list shows it.</summary>
/// <param name="Id">The plan's id.</param>
/// <param name="Store">The store's address.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="Strategy">The strategy that was asked for.</param>
/// <param name="Operations">Operations in all.</param>
/// <param name="NeedsReview">Those left to a person.</param>
/// <param name="HighestRisk">The highest risk among the others.</param>
/// <param name="Digest">Its digest.</param>
public sealed record PlanSummary(
    string Id, string Store, DateTimeOffset CreatedAt, Strategy Strategy, int Operations, int NeedsReview, Risk HighestRisk, string Digest);
