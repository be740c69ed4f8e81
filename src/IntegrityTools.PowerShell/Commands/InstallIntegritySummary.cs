using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>
/// Makes a table with one row for each aggregate of a SQLite database's events, and the trigger that keeps it, in one transaction. What was there is saved first;
/// Undo-RepairExecution gives it back.
/// </summary>
/// <example><code>Install-IntegritySummary app.db healarr -RedefineView -WhatIf</code>Shows what the built-in definition would make.</example>
/// <example><code>Install-IntegritySummary app.db tickets.yaml</code>Makes the table that a definition of your own describes, fills it and keeps it by a trigger.</example>
[Cmdlet(VerbsLifecycle.Install, "IntegritySummary", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class InstallIntegritySummary : SummaryCmdlet
{
    /// <summary>A YAML file, or the name of a definition that comes along: healarr.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SummaryCompleter))]
    public string Definition { get; set; } = string.Empty;

    /// <summary>Redefines the definition's view over the table.</summary>
    [Parameter]
    public SwitchParameter RedefineView { get; set; }

    /// <inheritdoc/>
    protected override SummaryOptions Options() => new() { Definition = FullDefinition(Definition, FullPath), RedefineView = RedefineView };

    /// <inheritdoc/>
    protected override Task<RepairPlan?> PlanAsync(SummaryOptions options, CancellationToken cancellationToken) =>
        Engine.Summaries.PlanInstallAsync(options, cancellationToken);
}
