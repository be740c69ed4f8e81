using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Backups;

/// <summary>What a restore has come to, by what became of its operations; recorded by whoever ends it, the command that began it or one that went on with it.</summary>
/// <param name="proposed">What it was to do.</param>
internal sealed class RestoreOutcome(RestoreReport proposed)
{
    private readonly List<string> changed = [];
    private readonly List<string> failed = [];
    private readonly List<string> remarks = [];
    private readonly HashSet<string> leftAlone = new(StringComparer.Ordinal);
    private long written;

    /// <summary>Records what is about to be restored, so that a run that is killed is known for what it was.</summary>
    public static Task BeginAsync(ILedger ledger, string planId, RestoreReport proposed, CancellationToken cancellationToken) =>
        ledger.AppendAsync([Event(LedgerEventKinds.RestorePlanned, proposed) with { PlanId = planId }], cancellationToken);

    /// <summary>Of an execution that was gone on with: records what it came to in the end, if it is a restore.</summary>
    public static async Task RecordResumedAsync(ILedger ledger, string executionId, CancellationToken cancellationToken)
    {
        var execution = await ledger.GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        var query = new LedgerQuery { Kind = LedgerEventKinds.RestorePlanned, PlanId = execution!.PlanId };
        var planned = await ledger.ReadEventsAsync(query, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (planned is null || JsonSerializer.Deserialize(planned.Event.Data.Utf8.Span, ModelJson.Default.RestoreReport) is not { } proposed)
        {
            return;
        }

        var outcome = new RestoreOutcome(proposed);
        await foreach (var result in ledger.ReadResultsAsync(executionId, cancellationToken).ConfigureAwait(false))
        {
            outcome.Take(result);
        }

        outcome.remarks.Add("It was cut off and gone on with: what was written is that of all its runs.");
        await outcome.RecordAsync(ledger, execution, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes up what became of an operation.</summary>
    public void Take(RepairResult result)
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

    /// <summary>Records that it was restored, and tells what that came to.</summary>
    public async Task<RestoreReport> RecordAsync(ILedger ledger, RepairExecution? execution, CancellationToken cancellationToken)
    {
        var newer = proposed.Newer.Where(subject => !leftAlone.Contains(subject)).ToList();
        var report = proposed with
        {
            Written = written,
            Newer = newer,
            Overwritten = proposed.Overwritten && newer.Count > 0,
            Changed = [.. changed.Order(StringComparer.Ordinal)],
            Failed = [.. proposed.Failed.Union(failed, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Remarks = [.. proposed.Remarks.Union(remarks, StringComparer.Ordinal)],
            ExecutionId = execution?.Id,
            SetAside = BackupFolder.SetAsideAt(execution?.BackupPath)?.Path,
        };
        await ledger.AppendAsync([Event(LedgerEventKinds.StoreRestored, report)], cancellationToken).ConfigureAwait(false);
        return report;
    }

    private static LedgerEvent Event(string kind, RestoreReport report) => new()
    {
        Kind = kind,
        Store = report.Store,
        Subject = report.BackupId,
        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.RestoreReport)),
    };
}
