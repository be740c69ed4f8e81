using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Takes an execution back by running its inverse plan. What was changed since then is reported and left alone.</summary>
/// <example><code>Undo-RepairExecution exec-01hx2v9k3mq7tz4b -WhatIf</code>Shows what would be given back.</example>
/// <example>
/// <code>
/// $results = $plan | Invoke-RepairPlan
/// Undo-RepairExecution -Execution $results[0].ExecutionId
/// </code>
/// Takes a repair back.
/// </example>
[Cmdlet(VerbsCommon.Undo, "RepairExecution", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class UndoRepairExecution : ExecutionCmdlet
{
    /// <summary>Of a restored SQLite file, on Linux: takes it back although another process has it open; what that one writes from then on is lost.</summary>
    [Parameter]
    public SwitchParameter WhileOpen { get; set; }

    /// <inheritdoc/>
    protected override bool ReplacesWhileOpen => WhileOpen;

    /// <inheritdoc/>
    protected override async Task RunAsync(string executionId, PipelineOutput output, CancellationToken cancellationToken)
    {
        var plan = await Engine.PlanUndoAsync(executionId, Credential.ToStoreCredential(), record: !DryRun, cancellationToken).ConfigureAwait(false);
        await RepairAsync(plan, output, cancellationToken).ConfigureAwait(false);
    }
}
