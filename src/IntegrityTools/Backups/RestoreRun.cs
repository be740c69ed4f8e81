using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>Restores as every repair is done: a recorded plan, run by the one executor, so that it can be resumed and undone.</summary>
internal sealed class RestoreRun(IntegrityEngine engine, IBackupProvider provider, RestoreRequest request)
{
    /// <summary>Runs the operations and tells what became of them.</summary>
    public async Task<RestoreReport> RunAsync(RestoreProposal proposal, RestoreOptions options, CancellationToken cancellationToken)
    {
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var plan = await new Planner(ledger).PlanAsync(proposal.Report.Store, proposal.Operations, cancellationToken).ConfigureAwait(false);
        await RestoreOutcome.BeginAsync(ledger, plan.Id, proposal.Report, cancellationToken).ConfigureAwait(false);
        await provider.PrepareAsync(request.Target, cancellationToken).ConfigureAwait(false);
        RepairExecution? execution = null;
        var run = new RepairOptions
        {
            Credential = options.Credential,
            Progress = options.Progress,
            Reason = $"restore of {proposal.Report.BackupId}",
            ExecutionChanged = changed =>
            {
                execution = changed;
                options.ExecutionChanged?.Invoke(changed);
            },
        };
        var outcome = new RestoreOutcome(proposal.Report);
        await foreach (var result in engine.RepairAsync(plan, run, cancellationToken).ConfigureAwait(false))
        {
            outcome.Take(result);
        }

        return await outcome.RecordAsync(ledger, execution, cancellationToken).ConfigureAwait(false);
    }
}
