using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the ids of recorded scans and executions, newest first.</summary>
public sealed class ReportCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var ledger = await engine.GetLedgerAsync(CancellationToken.None).ConfigureAwait(false);
        var scans = await ledger.ListScansAsync(CancellationToken.None).ConfigureAwait(false);
        var executions = await ledger.ListExecutionsAsync(CancellationToken.None).ConfigureAwait(false);
        return scans.Select(scan => (scan.ScanId, $"{At(scan.StartedAt)}  {scan.Store}  {scan.Issues} issues"))
            .Concat(executions.Select(execution => (execution.Id, $"{At(execution.StartedAt)}  {execution.Store}  {Codes.Of(execution.Status)}")));
    }
}
