using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Backups;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;
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
            var byId = batch.Select((operation, index) => (operation, index)).ToLookup(item => item.operation.Subject, StringComparer.Ordinal);
            await foreach (var now in source.ReadLeavesAsync([.. byId.Select(group => group.Key)], cancellationToken).ConfigureAwait(false))
            {
                foreach (var (operation, index) in byId[now.Id])
                {
                    Tell(results, index, operation, now);
                }
            }

            for (var index = 0; index < batch.Length; index++)
            {
                if (!results.Has(index) && BackupOperations.Does(batch[index]))
                {
                    results.Set(index, OperationOutcome.WouldApply, batch[index].Reason);
                }
                else if (!results.Has(index))
                {
                    results.Set(index, OperationOutcome.Stale, "The document is gone since the plan was made.");
                }
            }

            foreach (var result in results.ToList())
            {
                yield return result;
            }
        }
    }

    private static void Tell(BatchResults results, int index, RepairOperation operation, LeafSet now)
    {
        var before = (LeafSetPrecondition)operation.Precondition;
        if (OperationProgress.Matches(before, now))
        {
            results.Set(index, OperationOutcome.WouldApply, operation.Reason);
            return;
        }

        var done = operation.Action is ResolveConflictAction action
            && OperationProgress.Of(action, before, now) is { Stage: OperationStage.Done or OperationStage.WinnerWritten };
        results.Set(
            index,
            done ? OperationOutcome.AlreadyApplied : OperationOutcome.Stale,
            done ? null : "The document was changed since the plan was made: it would be left alone. Scan again and make a new plan for it.");
    }
}
