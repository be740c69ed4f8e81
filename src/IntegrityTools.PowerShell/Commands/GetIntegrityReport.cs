using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Reads the reports of scans, then of executions, from the ledger, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "IntegrityReport")]
[OutputType(typeof(ScanReport), typeof(RepairExecution))]
public sealed class GetIntegrityReport : EngineCmdlet
{
    /// <summary>Ids of scans or executions, with wildcards; without it all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ScanId", "ExecutionId")]
    [ReferenceArgument("IntegrityIssue.ScanId", "RepairResult.ExecutionId", "ScanReport.ScanId", "RepairExecution.Id")]
    [ArgumentCompleter(typeof(Completers.ReportCompleter))]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            Run(async (output, cancellationToken) =>
            {
                var ledger = await Engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
                var scans = await ledger.ListScansAsync(cancellationToken).ConfigureAwait(false);
                var executions = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);
                var found = scans.Select(scan => scan.ScanId).Concat(executions.Select(execution => execution.Id)).Matching(id).ToHashSet();
                if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(id))
                {
                    throw new IntegrityException(ErrorIds.NotFound, $"The ledger has no report '{id}'.", id, "List them with Get-IntegrityReport.");
                }

                scans.Where(scan => found.Contains(scan.ScanId)).ToList().ForEach(scan => output.Write(Report(scan)));
                executions.Where(execution => found.Contains(execution.Id)).ToList().ForEach(execution => output.Write(Report(execution)));
            });
        }
    }

    /// <summary>Both kinds in one table: PowerShell shows a second type in a stream as a list.</summary>
    private static PSObject Report(object report)
    {
        var shown = new PSObject(report);
        shown.TypeNames.Insert(0, "IntegrityTools.Report");
        return shown;
    }
}
