using System.Globalization;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Writes a plan into the ledger as one unit: its header, then its operations.</summary>
internal static class PlanRecord
{
    /// <summary>
    /// Throws when the ledger has another plan of this id, since a run is gone on with and undone by what the ledger has; a plan that it does not have, such as
    /// one of another ledger, is recorded.
    /// </summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="plan">The plan that is to be run.</param>
    /// <param name="record">False for a dry run, which writes nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.PlanChanged"/>.</exception>
    public static async Task MakeSureAsync(ILedger ledger, RepairPlan plan, bool record, CancellationToken cancellationToken)
    {
        LedgerEntry? known = null;
        foreach (var kind in new[] { LedgerEventKinds.PlanCreated, LedgerEventKinds.PlanImported })
        {
            known ??= await ledger.ReadEventsAsync(new LedgerQuery { PlanId = plan.Id, Kind = kind, Limit = 1 }, cancellationToken)
                .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        }

        if (known is null)
        {
            await (record ? AppendAsync(ledger, plan, LedgerEventKinds.PlanImported, [], cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
        }
        else if (!string.Equals(JsonSerializer.Deserialize(known.Event.Data.Utf8.Span, ModelJson.Default.RepairPlan)?.Digest, plan.Digest, StringComparison.OrdinalIgnoreCase))
        {
            throw new IntegrityException(
                ErrorIds.PlanChanged,
                "The plan was changed and sealed anew: the ledger has another one of its id, by which a run would be resumed and undone.",
                plan.Id,
                $"Make the plan again, or export it and import it with its changes accepted ({CommandWords.Option("--accept-changes", "-AcceptChanges")}), which gives it an id of its own.");
        }
    }

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
