using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Brings a plan file into the ledger.</summary>
internal sealed class PlanImport(ILedger ledger)
{
    /// <summary>Imports it. Unchanged, it keeps its id; with accepted changes it gets a new one. Without <paramref name="record"/> it is only read.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.PlanChanged"/>: it was changed and the changes are not accepted.</exception>
    public async Task<RepairPlan> ImportAsync(string path, bool acceptChanges, bool record, CancellationToken cancellationToken)
    {
        var (plan, unchanged) = await PlanFile.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var known = await ledger.GetPlanAsync(plan.Id, cancellationToken).ConfigureAwait(false);
        if (unchanged && (known is null || string.Equals(known.Digest, plan.Digest, StringComparison.OrdinalIgnoreCase)))
        {
            if (known is null && record)
            {
                await PlanRecord.AppendAsync(ledger, plan, LedgerEventKinds.PlanImported, [], cancellationToken).ConfigureAwait(false);
            }

            return plan;
        }

        var changes = PlanChanges.Between(known, plan);
        if (!acceptChanges)
        {
            throw new IntegrityException(
                ErrorIds.PlanChanged,
                $"The plan was changed by hand: {string.Join("; ", changes.Take(5))}{(changes.Count > 5 ? $"; and {changes.Count - 5} more" : string.Empty)}.",
                Path.GetFullPath(path),
                $"Import it with {CommandWords.Option("--accept-changes", "-AcceptChanges")} if the changes are meant: it gets a new id, and what changed is recorded.");
        }

        var accepted = PlanDigest.Seal(plan with { Id = Identifiers.New("plan"), DerivedFrom = plan.Id, CreatedAt = DateTimeOffset.UtcNow });
        if (record)
        {
            await PlanRecord.AppendAsync(ledger, accepted, LedgerEventKinds.PlanImported, changes, cancellationToken).ConfigureAwait(false);
        }

        return accepted;
    }
}
