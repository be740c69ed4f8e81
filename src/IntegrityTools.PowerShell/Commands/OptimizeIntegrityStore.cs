using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Maintains a SQLite database: gives free pages back, refreshes the planner's statistics, and moves the -wal into it. Changes no data.</summary>
/// <example><code>Optimize-IntegrityStore app.db -WhatIf</code>Tells what there is to do; changes nothing.</example>
[Cmdlet(VerbsCommon.Optimize, "IntegrityStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MaintenanceReport))]
public sealed class OptimizeIntegrityStore : EngineCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>Checkpoints beside other processes although the loaded SQLite has the WAL-reset bug: that can damage the database.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var named = FullStore(store);
                if (output.Ask(cmdlet => cmdlet.ShouldProcess(named ?? "the default store", "Optimize")) || DryRun)
                {
                    output.Write(await Engine.Maintenance.OptimizeAsync(named, DryRun, Force, cancellationToken).ConfigureAwait(false));
                }
            });
        }
    }
}
