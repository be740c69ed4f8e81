using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Brings a summary back to its events: values and rows that differ, and table, indexes and trigger where they do. Rows whose events are gone are kept.</summary>
/// <example><code>Update-IntegritySummary app.db -WhatIf</code>Shows which rows and columns would be brought back to their events.</example>
[Cmdlet(VerbsData.Update, "IntegritySummary", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class UpdateIntegritySummary : SummaryCmdlet
{
    /// <summary>A YAML file, or the name of a definition that comes along: healarr; without it the summaries that are installed.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SummaryCompleter))]
    public string? Definition { get; set; }

    /// <inheritdoc/>
    protected override SummaryOptions Options() => new() { Definition = FullDefinition(Definition, FullPath) };

    /// <inheritdoc/>
    protected override Task<RepairPlan?> PlanAsync(SummaryOptions options, CancellationToken cancellationToken) =>
        Engine.Summaries.PlanUpdateAsync(options, cancellationToken);
}
