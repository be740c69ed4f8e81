using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>Restores as every repair is done: a recorded plan, run by the one executor, so that it can be resumed and undone.</summary>
internal sealed class RestoreRun(IntegrityEngine engine, IBackupProvider provider, RestoreRequest request)
{
    private RepairExecution? execution;
    private long written;
    private readonly List<string> changed = [];
    private readonly List<string> failed = [];
    private readonly List<string> remarks = [];
    private readonly HashSet<string> leftAlone = new(StringComparer.Ordinal);

    /// <summary>Runs the operations and tells what became of them.</summary>
    public async Task<RestoreReport> RunAsync(RestoreProposal proposal, RestoreOptions options, CancellationToken cancellationToken)
    {
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var plan = await new Planner(ledger).PlanAsync(proposal.Report.Store, proposal.Operations, cancellationToken).ConfigureAwait(false);
        await provider.PrepareAsync(request.Target, cancellationToken).ConfigureAwait(false);
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
        await foreach (var result in engine.RepairAsync(plan, run, cancellationToken).ConfigureAwait(false))
        {
            Take(result);
        }

        var newer = proposal.Report.Newer.Where(subject => !leftAlone.Contains(subject)).ToList();
        var report = proposal.Report with
        {
            Written = written,
            Newer = newer,
            Overwritten = proposal.Report.Overwritten && newer.Count > 0,
            Changed = [.. changed.Order(StringComparer.Ordinal)],
            Failed = [.. proposal.Report.Failed.Union(failed, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Remarks = [.. proposal.Report.Remarks.Union(remarks, StringComparer.Ordinal)],
            ExecutionId = execution?.Id,
            SetAside = BackupFolder.SetAsideAt(execution?.BackupPath)?.Path,
        };
        var restored = IntegrityBackups.Event(LedgerEventKinds.StoreRestored, request.Chain[^1], JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.RestoreReport));
        await ledger.AppendAsync([restored with { Store = report.Store }], cancellationToken).ConfigureAwait(false);
        return report;
    }

    private void Take(RepairResult result)
    {
        written += result.Written ?? (result.Outcome is OperationOutcome.Applied or OperationOutcome.AlreadyApplied ? 1 : 0);
        failed.AddRange(result.Refused);
        if (result.Refused.Count == 0 && result.Outcome is not (OperationOutcome.Applied or OperationOutcome.AlreadyApplied))
        {
            // What was written to before the change was seen is half done, and not left alone.
            (result is { Outcome: OperationOutcome.Stale, After: null } ? changed : failed).Add($"{result.Subject}: {result.Message}");
            leftAlone.Add(result.Subject);
        }
        else if (result.Message is { } told)
        {
            remarks.Add(told);
        }
    }
}
