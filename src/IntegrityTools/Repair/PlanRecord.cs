using System.Globalization;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Writes a plan into the ledger as one unit: its header, then its operations.</summary>
internal static class PlanRecord
{
    /// <summary>Appends the plan.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="plan">The sealed plan.</param>
    /// <param name="kind"><see cref="LedgerEventKinds.PlanCreated"/> or <see cref="LedgerEventKinds.PlanImported"/>.</param>
    /// <param name="changes">What was changed by hand and accepted, one sentence each.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task AppendAsync(
        ILedger ledger, RepairPlan plan, string kind, IReadOnlyList<string> changes, CancellationToken cancellationToken)
    {
        var events = new List<LedgerEvent>(plan.Operations.Count + 1)
        {
            new()
            {
                Kind = kind,
                Store = plan.Store,
                ScanId = plan.ScanId,
                PlanId = plan.Id,
                Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(plan with { Operations = [] }, ModelJson.Default.RepairPlan)),
            },
        };
        events.AddRange(changes.Select(change => new LedgerEvent
        {
            Kind = LedgerEventKinds.PlanChangeAccepted,
            Store = plan.Store,
            PlanId = plan.Id,
            Subject = change,
        }));
        foreach (var operation in plan.Operations)
        {
            events.Add(new LedgerEvent
            {
                Kind = LedgerEventKinds.PlanOperation,
                Store = plan.Store,
                PlanId = plan.Id,
                Subject = operation.Number.ToString(CultureInfo.InvariantCulture),
                Data = OperationFacts.Of(operation),
                Sensitive = new RawJson(JsonSerializer.SerializeToUtf8Bytes(operation, ModelJson.Default.RepairOperation)),
            });
        }

        return ledger.AppendAsync(events, cancellationToken);
    }
}
