using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the ids of recorded plans, newest first.</summary>
public sealed class PlanCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var ledger = await engine.GetLedgerAsync(CancellationToken.None).ConfigureAwait(false);
        var plans = await ledger.ListPlansAsync(CancellationToken.None).ConfigureAwait(false);
        return plans.Select(plan => (plan.Id, $"{At(plan.CreatedAt)}  {plan.Store}  {plan.Operations} operations, {plan.NeedsReview} for review, {Codes.Of(plan.HighestRisk)} risk"));
    }
}
