using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Reads the reports of scans, then of executions, from the ledger, newest first; or what all of them come to.</summary>
/// <example><code>Get-IntegrityReport | Select-Object -First 5</code>The newest scans.</example>
/// <example><code>Get-IntegrityReport -Summary -Since (Get-Date).AddDays(-30)</code>The commonest issues, the slowest resolutions and why repairs failed, of the last 30 days.</example>
[Cmdlet(VerbsCommon.Get, "IntegrityReport", DefaultParameterSetName = ReportSet)]
[OutputType(typeof(ScanReport), typeof(RepairExecution), typeof(ReportSummary))]
public sealed class GetIntegrityReport : EngineCmdlet
{
    private const string ReportSet = "Report";
    private const string SummarySet = "Summary";

    /// <summary>Ids of scans or executions of any store, with wildcards; without it all of the store.</summary>
    [Parameter(Position = 0, ParameterSetName = ReportSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("ScanId", "ExecutionId")]
    [ReferenceArgument("IntegrityIssue.ScanId", "RepairResult.ExecutionId", "ScanReport.ScanId", "RepairExecution.Id")]
    [ArgumentCompleter(typeof(Completers.ReportCompleter))]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Tells what scans and repairs came to: the commonest types, the slowest resolutions, why things failed, and how long they took.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SummarySet)]
    public SwitchParameter Summary { get; set; }

    /// <summary>A configured name, an address or a path; without it the default store, or all where there is no default.</summary>
    [Parameter(ParameterSetName = ReportSet)]
    [Parameter(Position = 0, ParameterSetName = SummarySet)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(Completers.StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>Of all stores, not of the default one only.</summary>
    [Parameter]
    public SwitchParameter AllStores { get; set; }

    /// <summary>From when on; without it all that the ledger has.</summary>
    [Parameter(ParameterSetName = SummarySet)]
    public DateTimeOffset? Since { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Summary)
        {
            Run(async (output, cancellationToken) =>
                output.Write(await Engine.SummarizeAsync(FullStore(Store), Since, cancellationToken, AllStores).ConfigureAwait(false)));
            return;
        }

        var all = AllStores || (Store is null && MyInvocation.BoundParameters.ContainsKey(nameof(Id)));
        foreach (var id in Id)
        {
            Run(async (output, cancellationToken) =>
            {
                var scans = await Engine.ListScansAsync(FullStore(Store), all, cancellationToken).ConfigureAwait(false);
                var executions = await Engine.ListExecutionsAsync(FullStore(Store), all, cancellationToken).ConfigureAwait(false);
                var found = scans.Select(scan => scan.ScanId).Concat(executions.Select(execution => execution.Id)).Matching(id).ToHashSet();
                if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(id))
                {
                    throw new IntegrityException(ErrorIds.NotFound, $"The ledger has no report '{id}'.", id, "List them with Get-IntegrityReport -AllStores.");
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
