using IntegrityTools.Cli.Output;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Hosting;

/// <summary>One run of a plan from the command line, the same for repair, resolve and undo.</summary>
/// <param name="session">The session.</param>
/// <param name="format">The form of the output.</param>
/// <param name="confirm">False for a dry run.</param>
internal sealed class RepairRun(Session session, OutputFormat format, bool confirm)
{
    /// <summary>Runs a plan, or shows what a run would do.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">How.</param>
    /// <param name="command">The command that runs it, to which a dry run points.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<int> RunAsync(RepairPlan plan, RepairOptions options, string command, CancellationToken cancellationToken)
    {
        var destination = options.Destination ?? session.Engine.Stores.SuggestDestination(plan.Store, plan.Undoes is not null);
        return WriteAsync(
            plan,
            session.Engine.RepairAsync(plan, Told(options), cancellationToken),
            destination is null ? command : $"{command} --to {CommandWords.Argument(destination)}",
            cancellationToken);
    }

    /// <summary>Goes on with an execution, or shows what of it is pending.</summary>
    public async Task<int> ResumeAsync(string executionId, RepairOptions options, CancellationToken cancellationToken)
    {
        var execution = await session.Engine.GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        var plan = await session.Engine.GetPlanAsync(execution.PlanId, cancellationToken).ConfigureAwait(false);
        return await WriteAsync(
            plan, session.Engine.ResumeAsync(executionId, Told(options), cancellationToken), $"repair --resume {executionId}", cancellationToken)
            .ConfigureAwait(false);
    }

    private RepairOptions Told(RepairOptions options) => options with
    {
        DryRun = !confirm,
        Progress = session.Terminal.Progress,
        ExecutionChanged = execution => session.Execution = execution,
    };

    private async Task<int> WriteAsync(RepairPlan plan, IAsyncEnumerable<RepairResult> results, string command, CancellationToken cancellationToken)
    {
        using var output = new ResultOutput(session, format, plan, dryRun: !confirm, command);
        await foreach (var result in results.FlushingAsync(session.Terminal, cancellationToken).ConfigureAwait(false))
        {
            output.Write(result);
        }

        output.End(session.Execution);
        var failed = output.Count(OperationOutcome.Failed) > 0 || session.Execution?.Status == ExecutionStatus.Stopped;
        return failed ? ExitCodes.Failed
            : confirm && output.LeftAlone ? ExitCodes.Refused
            : session.Execution?.Damaged.Count > 0 ? ExitCodes.IssuesFound
            : ExitCodes.Done;
    }
}
