using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Runs a plan. What it touches is saved first; every operation checks that the store still is as planned.</summary>
/// <example><code>$plan | Invoke-RepairPlan -WhatIf</code>Shows every change, field by field; writes nothing.</example>
/// <example>
/// <code>
/// $results = $plan | Invoke-RepairPlan -Confirm:$false
/// $results | Where-Object Outcome -NE Applied
/// </code>
/// Runs a plan without a question for each operation, and shows what was left alone.
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "RepairPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class InvokeRepairPlan : RepairCmdlet
{
    /// <summary>The plan, or its id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PlanId")]
    [ArgumentCompleter(typeof(PlanCompleter))]
    public object[] Plan { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in Plan)
        {
            Run(async (output, cancellationToken) =>
            {
                var plan = await PlanReference.ResolveAsync(reference, Engine, cancellationToken).ConfigureAwait(false);
                await RepairAsync(plan, output, cancellationToken).ConfigureAwait(false);
            });
        }
    }
}
