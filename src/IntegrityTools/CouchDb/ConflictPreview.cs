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
        await using var saved = new SavedRevisions();
        foreach (var batch in operations.Chunk(BatchSize))
        {
            var results = new BatchResults("dry-run", batch);
            var byId = batch.Select((operation, index) => (operation, index)).ToLookup(item => item.operation.Subject, StringComparer.Ordinal);
            await foreach (var now in source.ReadLeavesAsync([.. byId.Select(group => group.Key)], cancellationToken).ConfigureAwait(false))
            {
                foreach (var (operation, index) in byId[now.Id])
                {
                    var (outcome, why) = await LookAsync(source, saved, operation, now, cancellationToken).ConfigureAwait(false);
                    results.Set(index, outcome, why);
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

    private static async Task<(OperationOutcome Outcome, string? Why)> LookAsync(
        ICouchSource source, ISavedRevisions saved, RepairOperation operation, LeafSet now, CancellationToken cancellationToken)
    {
        var before = (LeafSetPrecondition)operation.Precondition;
        if (OperationProgress.Matches(before, now))
        {
            return (OperationOutcome.WouldApply, operation.Reason);
        }

        var stage = operation.Action switch
        {
            ResolveConflictAction action => OperationProgress.Of(action, before, now).Stage,
            RestoreRevisionsAction => await StageAsync(source, saved, operation, cancellationToken).ConfigureAwait(false),
            _ => OperationStage.Stale,
        };
        return stage switch
        {
            OperationStage.Done => (OperationOutcome.AlreadyApplied, null),
            OperationStage.Stale => (OperationOutcome.Stale, "The document was changed since the plan was made: it would be left alone. Scan again and make a new plan for it."),
            _ => (OperationOutcome.WouldApply, $"An interrupted run has begun with it: the rest would be done. {operation.Reason}"),
        };
    }

    private static async Task<OperationStage> StageAsync(ICouchSource source, ISavedRevisions saved, RepairOperation operation, CancellationToken cancellationToken) =>
        (await Restoration.ReadAsync(source, saved, [operation], cancellationToken).ConfigureAwait(false))[0] switch
        {
            { IsExplained: true, IsDone: true } => OperationStage.Done,
            { IsExplained: true } => OperationStage.WinnerWritten,
            _ => OperationStage.Stale,
        };
}
