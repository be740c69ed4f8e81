using System.Management.Automation;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet that writes to a store on behalf of executions that the ledger knows: each is dealt with once, however often it is named.</summary>
public abstract class ExecutionCmdlet : RepairCmdlet
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
            Run((output, cancellationToken) => RunAsync(id, output, cancellationToken));
        }
    }

    /// <summary>Does it for one execution.</summary>
    protected abstract Task RunAsync(string executionId, PipelineOutput output, CancellationToken cancellationToken);
}
