using IntegrityTools.Cli.Output;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Hosting;

/// <summary>One run of a plan from the command line, the same for repair, resolve and undo.</summary>
internal sealed class RepairRun(Session session, OutputFormat format, bool confirm)
{
    /// <summary>Runs a plan, or shows what a run would do.</summary>
    public Task<int> RunAsync(RepairPlan plan, RepairOptions options, CancellationToken cancellationToken)
    {
        if (confirm && options.Destination is null)
        {
            Destinations.ThrowIfNeeded(session.Engine, plan);
        }

        return WriteAsync(plan, session.Engine.RepairAsync(plan, Told(options) with { DryRun = !confirm }, cancellationToken), cancellationToken);
    }

    /// <summary>Goes on with an execution, or shows what its plan would do now.</summary>
    public async Task<int> ResumeAsync(string executionId, RepairOptions options, CancellationToken cancellationToken)
    {
        var execution = await session.Engine.GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        var plan = await session.Engine.GetPlanAsync(execution.PlanId, cancellationToken).ConfigureAwait(false);
        var results = confirm
            ? session.Engine.ResumeAsync(executionId, Told(options), cancellationToken)
            : session.Engine.RepairAsync(plan, options with { DryRun = true }, cancellationToken);
        return await WriteAsync(plan, results, cancellationToken).ConfigureAwait(false);
    }

    private RepairOptions Told(RepairOptions options) => options with
    {
        Progress = session.Terminal.Progress,
        ExecutionChanged = execution => session.Execution = execution,
    };

    private async Task<int> WriteAsync(RepairPlan plan, IAsyncEnumerable<RepairResult> results, CancellationToken cancellationToken)
    {
        using var output = new ResultOutput(session, format, plan, dryRun: !confirm);
        await foreach (var result in results.FlushingAsync(session.Terminal, cancellationToken).ConfigureAwait(false))
        {
            output.Write(result);
        }

        output.End(session.Execution);
        var failed = output.Count(OperationOutcome.Failed) > 0 || session.Execution?.Status == ExecutionStatus.Stopped;
        return failed ? ExitCodes.Failed : ExitCodes.Done;
    }
}
