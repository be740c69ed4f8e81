using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Goes on with an execution that was stopped or cut off, under the approval that it had. With -WhatIf it shows what is pending.</summary>
/// <example><code>Get-RepairExecution | Where-Object Status -EQ Stopped | Resume-RepairExecution -WhatIf</code>Shows what is pending of executions that were stopped.</example>
/// <example><code>Resume-RepairExecution exec-01hx2v9k3mq7tz4b</code>Goes on with one.</example>
[Cmdlet(VerbsLifecycle.Resume, "RepairExecution", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class ResumeRepairExecution : ExecutionCmdlet
{
    /// <summary>Of a restore of a SQLite file or its undo, on Linux: goes on although another process has the file open; what that one writes from then on is lost.</summary>
    [Parameter]
    public SwitchParameter WhileOpen { get; set; }

    /// <inheritdoc/>
    protected override bool ReplacesWhileOpen => WhileOpen;

    /// <inheritdoc/>
    protected override async Task RunAsync(string executionId, PipelineOutput output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        var approved = AsksNothing || output.Ask(cmdlet => cmdlet.ShouldProcess(executionId, "Go on with the repair"));
        if (approved || DryRun)
        {
            await WriteResultsAsync(Engine.ResumeAsync(executionId, Options(output, approve: null), cancellationToken), output, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
