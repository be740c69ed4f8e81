using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>Maintenance of stores: what keeps them fast and their files small, and changes no data.</summary>
public sealed class IntegrityMaintenance
{
    private readonly IntegrityEngine engine;
    private readonly IReadOnlyList<IMaintenanceProvider> providers;

    internal IntegrityMaintenance(IntegrityEngine engine, IReadOnlyList<IMaintenanceProvider> providers) => (this.engine, this.providers) = (engine, providers);

    /// <summary>Maintains a store, and records what was done.</summary>
    /// <param name="store">A configured name, an address or a path; null: the default store.</param>
    /// <param name="dryRun">True to write nothing, to the store or the ledger.</param>
    /// <param name="force">True to checkpoint what another process has open although the loaded library has a bug that can damage it by that.</param>
    /// <param name="cancellationToken">Cancels between the steps.</param>
    /// <exception cref="IntegrityException">There is no such store, or nothing to maintain of its kind; or the ledger cannot be written: before anything
    /// is done, or after it, which is then told.</exception>
    public async Task<MaintenanceReport> OptimizeAsync(string? store, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        var reference = engine.Stores.Resolve(store);
        var provider = providers.FirstOrDefault(known => known.Kind == reference.Address.Kind) ?? throw new IntegrityException(
            ErrorIds.InvalidArgument,
            $"There is no maintenance of a store of the kind {reference.Address.Kind}.",
            reference.Address.Canonical,
            $"Name one of these kinds: {string.Join(", ", providers.Select(known => known.Kind))}. What a scan finds large or stale in others is mended by a plan.");
        var target = new BackupTarget(reference, null, engine.Configuration);
        var ledger = dryRun ? null : await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        if (ledger is not null)
        {
            // Said before done: a ledger that cannot be written stops it here, with nothing changed.
            await ledger.AppendAsync([new LedgerEvent { Kind = LedgerEventKinds.OptimizeStarted, Store = reference.Address.Canonical }], cancellationToken).ConfigureAwait(false);
        }

        var steps = await provider.RunAsync(target, dryRun, force, cancellationToken).ConfigureAwait(false);
        var report = new MaintenanceReport(reference.Address.Canonical, dryRun, steps);
        if (ledger is not null)
        {
            await RecordAsync(ledger, report).ConfigureAwait(false);
        }

        return report;
    }

    private static async Task RecordAsync(ILedger ledger, MaintenanceReport report)
    {
        var data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.MaintenanceReport));
        try
        {
            await ledger.AppendAsync([new LedgerEvent { Kind = LedgerEventKinds.StoreOptimized, Store = report.Store, Data = data }], CancellationToken.None).ConfigureAwait(false);
        }
        catch (IntegrityException failure)
        {
            throw new IntegrityException(
                failure.ErrorId,
                $"The maintenance was done ({string.Join(", ", report.Steps.Select(step => $"{step.Name}: {Codes.Of(step.Outcome)}"))}), but only its beginning is in the ledger. {failure.Message}",
                failure.Target,
                failure.NextStep,
                failure);
        }
    }
}
