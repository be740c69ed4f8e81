using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb;

/// <summary>Tells what a run would do now, by looking whether the leaves are still those of the plan.</summary>
internal static class ConflictPreview
{
    private const int BatchSize = 500;

    /// <summary>One result an operation, in their order.</summary>
    public static async IAsyncEnumerable<RepairResult> PreviewAsync(
        ICouchSource source, IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in operations.Chunk(BatchSize))
        {
            var results = new BatchResults("dry-run", batch);
            var sets = await LeafSets.ReadAsync(source, batch.Select(operation => operation.Subject), cancellationToken).ConfigureAwait(false);
            for (var index = 0; index < batch.Length; index++)
            {
                var now = sets.GetValueOrDefault(batch[index].Subject);
                var before = (LeafSetPrecondition)batch[index].Precondition;
                if (now is not null && OperationProgress.Matches(before, now))
                {
                    results.Set(index, OperationOutcome.WouldApply, batch[index].Reason);
                    continue;
                }

                var done = batch[index].Action is ResolveConflictAction action
                    && OperationProgress.Of(action, before, now) is { Stage: OperationStage.Done or OperationStage.WinnerWritten };
                results.Set(
                    index,
                    done ? OperationOutcome.AlreadyApplied : OperationOutcome.Stale,
                    done ? null : "The document was changed since the plan was made: it would be left alone. Scan again and make a new plan for it.");
            }

            foreach (var result in results.ToList())
            {
                yield return result;
            }
        }
    }
}
