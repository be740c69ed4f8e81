using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Goes on with an execution that was stopped or cut off, under the approval that it had.</summary>
[Cmdlet(VerbsLifecycle.Resume, "RepairExecution", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class ResumeRepairExecution : RepairCmdlet
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
            if (Force && !MyInvocation.BoundParameters.ContainsKey("Confirm") || ShouldProcess(id, "Go on with the repair"))
            {
                Run((output, cancellationToken) =>
                    WriteResultsAsync(Engine.ResumeAsync(id, Options(output, approve: null), cancellationToken), output, cancellationToken));
            }
        }
    }
}
