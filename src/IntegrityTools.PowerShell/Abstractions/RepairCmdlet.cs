using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Repair;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet that runs a plan: asks for each operation, streams the results, and says how to go on when the run was cut off.</summary>
public abstract class RepairCmdlet : EngineCmdlet
{
    /// <summary>Objects of a dry run have this type first, for the view that shows them as differences.</summary>
    private const string PreviewTypeName = "IntegrityTools.Model.RepairResult#Preview";

    private RepairExecution? execution;

    /// <summary>The new file, for stores that are never changed in place, such as dumps.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Operations above it are left to a person in this run.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<Risk>]
    [ArgumentCompleter(typeof(CodeCompleter<Risk>))]
    public string? MaximumRisk { get; set; }

    /// <summary>Name and password for the store.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Why; the ledger keeps it.</summary>
    [Parameter]
    public string? Reason { get; set; }

    /// <summary>Asks nothing, as with <c>-Confirm:$false</c>.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <summary>True when the user has approved of everything beforehand.</summary>
    protected bool AsksNothing => Force && !MyInvocation.BoundParameters.ContainsKey("Confirm");

    /// <summary>True when a file is to be replaced although another process has it open.</summary>
    protected virtual bool ReplacesWhileOpen => false;

    /// <summary>Runs a plan, or shows what a run would do.</summary>
    protected async Task RepairAsync(RepairPlan plan, PipelineOutput output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(output);
        if (DryRun)
        {
            // A host breaks a line that is too long within a word: the address, which may be long, has one of its own.
            var what = plan.Undoes is { } undone ? $"Taking back {undone}" : $"Repairing by {plan.Id}";
            output.Ask(cmdlet => cmdlet.ShouldProcess($"{what}, {Counted.Of(plan.Operations.Count, "operation")}, in\n  {plan.Store}", null, null));
        }

        await WriteResultsAsync(Engine.RepairAsync(plan, Options(output, Confirmation(output)), cancellationToken), output, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>How the run is to go.</summary>
    /// <param name="output">The pipeline.</param>
    /// <param name="approve">Asked for each operation; null: none is asked for.</param>
    protected RepairOptions Options(PipelineOutput output, Func<RepairOperation, bool>? approve) => new()
    {
        DryRun = DryRun,
        Approve = approve,
        MaximumRisk = MaximumRisk.ToCode<Risk>(),
        Destination = Destination is null ? null : FullPath(Destination),
        Credential = Credential.ToStoreCredential(),
        Reason = Reason,
        WhileOpen = ReplacesWhileOpen,
        ExecutionChanged = changed => execution = changed,
        Progress = output,
    };

    /// <summary>Streams results; at the end tells what failed, and how to go on with a run that stopped.</summary>
    protected async Task WriteResultsAsync(
        IAsyncEnumerable<RepairResult> results, PipelineOutput output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(output);
        var (failed, stale) = (0, 0);
        try
        {
            await foreach (var result in results.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                failed += result.Outcome == OperationOutcome.Failed ? 1 : 0;
                stale += result.Outcome == OperationOutcome.Stale ? 1 : 0;
                output.Write(DryRun ? Preview(result) : result);
            }
        }
        finally
        {
            // When the pipeline was stopped it takes no more: then Interrupted says it.
            if (execution is { Status: ExecutionStatus.Stopped } && !cancellationToken.IsCancellationRequested)
            {
                output.Warn(StoppedMessage(execution));
            }
        }

        if (stale > 0 && !DryRun)
        {
            output.Warn($"Left alone, since it was changed meanwhile: {Counted.Of(stale, "operation")} with the outcome Stale; a new plan takes it as it is now.");
        }

        if (execution?.DamagedMessage is { } damaged)
        {
            output.Warn(damaged);
        }

        if (failed > 0)
        {
            output.Fail(new IntegrityException(
                ErrorIds.OperationFailed,
                $"{Counted.Of(failed, "operation")} failed; the results with the outcome Failed say why.",
                execution?.Id,
                $"Mend the cause, then go on with: {Following($"Resume-RepairExecution {execution?.Id}")}"));
        }
    }

    /// <inheritdoc/>
    protected override void Interrupted()
    {
        if (execution is { Status: ExecutionStatus.Stopped or ExecutionStatus.Running })
        {
            WarnAlways(StoppedMessage(execution));
        }
    }

    private static PSObject Preview(RepairResult result)
    {
        var shown = new PSObject(result);
        shown.TypeNames.Insert(0, PreviewTypeName);
        return shown;
    }

    private string StoppedMessage(RepairExecution stopped) =>
        $"The execution {stopped.Id} stopped: {stopped.Message ?? "Cancelled."} Go on with: {Following($"Resume-RepairExecution {stopped.Id}")}";

    private Func<RepairOperation, bool>? Confirmation(PipelineOutput output) =>
        AsksNothing
            ? null
            : operation => output.Ask(cmdlet => cmdlet.ShouldProcess(
                OperationText.Describe(operation), OperationText.Ask(operation), $"Repair of {operation.Subject}"));
}
