using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Takes an execution back by running its inverse plan. What was changed since then is reported and left alone.</summary>
[Cmdlet(VerbsCommon.Undo, "RepairExecution", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class UndoRepairExecution : RepairCmdlet
{
    private readonly HashSet<string> done = new(StringComparer.Ordinal);

    /// <summary>The execution, or its id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ExecutionId")]
    [ReferenceArgument("RepairExecution.Id", "RepairResult.ExecutionId")]
    [ArgumentCompleter(typeof(ExecutionCompleter))]
    public string[] Execution { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Results of one run name the same execution again and again.
        foreach (var id in Execution.Where(done.Add))
        {
            Run(async (output, cancellationToken) =>
            {
                var plan = await Engine.PlanUndoAsync(id, Credential.ToStoreCredential(), cancellationToken).ConfigureAwait(false);
                await RepairAsync(plan, output, cancellationToken).ConfigureAwait(false);
            });
        }
    }
}
