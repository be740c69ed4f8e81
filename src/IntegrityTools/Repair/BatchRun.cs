using System.Runtime.CompilerServices;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>Saves the state before, then applies batch after batch, each between its intent and its record.</summary>
internal sealed class BatchRun(
    IStoreRepair repair, ExecutionRecord record, LeaseHolder lease, OperationGroups groups, bool saved, IProgress<WorkProgress>? progress)
{
    private const int LargeInBatch = 4;

    /// <summary>Why the run stopped before its end; null when it did not.</summary>
    public string? StoppedBy { get; private set; }

    /// <summary>What was thrown; null when nothing was.</summary>
    public string? Failure { get; private set; }

    /// <summary>Saves what the pending operations touch, unless an earlier part of the execution has, and applies them.</summary>
    public async IAsyncEnumerable<RepairResult> RunAsync(
        IReadOnlyList<RepairOperation> pending, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (pending.Count == 0 && !repair.AllOrNothing)
        {
            yield break;
        }

        if (!saved || repair.AllOrNothing)
        {
            await TellAsync(async () =>
            {
                var backup = await repair.SaveAsync(pending, cancellationToken).ConfigureAwait(false);
                lease.ThrowIfLost();
                await record.SavedAsync(backup, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }

        long applied = 0;
        var done = 0;

        // What stops the run, or a group, has to be known before more is sent, and what runs long comes after all before it.
        var atOnce = pending.Any(operation => operation.Risk == Risk.High || operation.Group is not null || operation.Action is { RunsLong: true }) ? 1 : repair.BatchesAtOnce;
        var underWay = new Queue<Task<IReadOnlyList<RepairResult>>>();
        using var batches = Batches(pending, repair.BatchSize, () => applied).GetEnumerator();
        try
        {
            while (true)
            {
                while (underWay.Count < atOnce && batches.MoveNext())
                {
                    underWay.Enqueue(ApplyAsync(batches.Current, cancellationToken));
                }

                if (!underWay.TryDequeue(out var oldest))
                {
                    break;
                }

                IReadOnlyList<RepairResult> results = [];
                await TellAsync(async () =>
                {
                    results = await oldest.ConfigureAwait(false);
                    await record.FinishedAsync(results).ConfigureAwait(false);
                }).ConfigureAwait(false);
                applied += results.Count(result => result.Outcome is OperationOutcome.Applied or OperationOutcome.AlreadyApplied);
                done += results.Count;
                progress?.Report(new WorkProgress("Repairing", done, pending.Count, "operations", applied, "applied"));
                foreach (var result in results)
                {
                    yield return result;
                }

                if (results.FirstOrDefault(result => result is { Outcome: OperationOutcome.Failed, Risk: Risk.High }) is { } failure)
                {
                    StoppedBy = $"Operation {failure.Number} ({failure.Subject}), of high risk, failed: {failure.Message?.TrimEnd('.')}. Resuming tries it again; with {CommandWords.Option("--max-risk medium", "-MaximumRisk Medium")} it is left out.";
                    yield break;
                }
            }
        }
        finally
        {
            // The run ends here, with what was under way beside the batch that ended it: its outcomes are recorded too.
            foreach (var other in underWay)
            {
                await SettleAsync(other).ConfigureAwait(false);
            }
        }

        await TellAsync(async () =>
        {
            if (await repair.CompleteAsync(cancellationToken).ConfigureAwait(false) is { } file)
            {
                await record.WrittenAsync(file).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<RepairResult>> ApplyAsync(
        (IReadOnlyList<RepairOperation> Batch, IReadOnlyList<RepairResult> Passed) part, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lease.ThrowIfLost();
        if (part.Batch.Count == 0)
        {
            return part.Passed;
        }

        await record.IntendedAsync(part.Batch, cancellationToken).ConfigureAwait(false);
        var results = await repair.ApplyAsync(part.Batch, cancellationToken).ConfigureAwait(false);
        foreach (var (operation, result) in part.Batch.OrderBy(operation => operation.Number).Zip(results))
        {
            groups.Note(operation, result.Outcome);
        }

        return [.. part.Passed, .. results];
    }

    private async Task SettleAsync(Task<IReadOnlyList<RepairResult>> batch)
    {
        try
        {
            await record.FinishedAsync(await batch.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // What ended the run is told already; this batch has its intent and no outcome, so that a resumed run looks what became of it.
            Failure ??= exception.Message;
        }
    }

    /// <summary>
    /// Batches of the store's size, in which a large document counts as many, since a batch is held in memory. Where high-risk
    /// operations are among them, the first batches are small (1, 2, 4, …): a cause that makes all of them fail stops the run after one.
    /// A batch holds one step of a group; what follows a step that did not come to its end is passed.
    /// </summary>
    private IEnumerable<(IReadOnlyList<RepairOperation> Batch, IReadOnlyList<RepairResult> Passed)> Batches(
        IReadOnlyList<RepairOperation> pending, int size, Func<long> applied)
    {
        for (var start = 0; start < pending.Count;)
        {
            var allowed = Math.Min(size, applied() + 1);
            var batch = new List<RepairOperation>();
            var passed = new List<RepairResult>();
            var steps = new Dictionary<string, int>(StringComparer.Ordinal);
            for (long weight = 0; start < pending.Count; start++)
            {
                if (groups.Stopped(pending[start]) is { } stopped)
                {
                    passed.Add(stopped);
                    continue;
                }

                if (pending[start].Group is { } group && steps.GetValueOrDefault(group, pending[start].Step) != pending[start].Step)
                {
                    break;
                }

                weight += IsLarge(pending[start]) ? size / LargeInBatch : 1;
                if (batch.Count > 0 && (weight > size || pending[start].Action is { RunsLong: true } || batch[^1].Action is { RunsLong: true } || (pending[start].Risk == Risk.High && batch.Count >= allowed)))
                {
                    break;
                }

                batch.Add(pending[start]);
                if (pending[start].Group is { } begun)
                {
                    steps[begun] = pending[start].Step;
                }
            }

            yield return (batch, passed);
        }
    }

    /// <summary>A value past 64 KiB is not shown in the operation.</summary>
    private static bool IsLarge(RepairOperation operation) => operation.OldValue is null && operation.NewValue is null;

    private async Task TellAsync(Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Failure = exception.Message;
            throw;
        }
    }
}
