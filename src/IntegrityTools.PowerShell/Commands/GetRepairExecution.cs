using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Reads executions from the ledger, newest first, or the operations that they have not settled yet.</summary>
/// <example><code>Get-RepairExecution | Where-Object Status -EQ Stopped | Resume-RepairExecution</code>Goes on with what was stopped.</example>
/// <example><code>Get-RepairExecution exec-01hx2v9k3mq7tz4b -Pending</code>The operations that it has not settled yet.</example>
[Cmdlet(VerbsCommon.Get, "RepairExecution")]
[OutputType(typeof(RepairExecution), typeof(RepairOperation))]
public sealed class GetRepairExecution : LedgerListCmdlet
{
    /// <summary>Ids of executions of any store, with wildcards; without it all of the store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("ExecutionId")]
    [ReferenceArgument("RepairExecution.Id", "RepairResult.ExecutionId")]
    [ArgumentCompleter(typeof(ExecutionCompleter))]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Writes the operations that resuming would try, instead of the executions.</summary>
    [Parameter]
    public SwitchParameter Pending { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            Run(async (output, cancellationToken) =>
            {
                var ids = WildcardPattern.ContainsWildcardCharacters(id)
                    ? (await Engine.ListExecutionsAsync(FullStore(Store), OfAllStores, cancellationToken).ConfigureAwait(false)).Select(execution => execution.Id).Matching(id)
                    : [id];
                foreach (var one in ids)
                {
                    await WriteAsync(one, output, cancellationToken).ConfigureAwait(false);
                }
            });
        }
    }

    private async Task WriteAsync(string id, PipelineOutput output, CancellationToken cancellationToken)
    {
        if (!Pending)
        {
            output.Write(await Engine.GetExecutionAsync(id, cancellationToken).ConfigureAwait(false));
            return;
        }

        await foreach (var operation in Engine.ReadPendingAsync(id, cancellationToken).ConfigureAwait(false))
        {
            output.Write(operation);
        }
    }
}
