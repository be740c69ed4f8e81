using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Backups;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Turns applied operations into their inverse, and those that were cut off or stopped halfway where all that stands is their own work.</summary>
internal sealed class UndoProposals(ICouchSource source)
{
    private const int BatchSize = 250;

    /// <summary>The inverse of each applied operation.</summary>
    public async IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource undo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in applied.Chunk(BatchSize).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var sets = await LeafSets.ReadAsync(source, batch.Select(pair => pair.Operation.Subject), cancellationToken).ConfigureAwait(false);
            var ownWork = await OwnWorkAsync(batch, cancellationToken).ConfigureAwait(false);
            var unsaved = await UnsavedAsync(batch, undo.Backup.Path, cancellationToken).ConfigureAwait(false);
            foreach (var done in batch)
            {
                var operation = done.Operation;
                if (StorageProposals.Knows(operation))
                {
                    yield return StorageProposals.Invert(operation);
                    continue;
                }

                if (BackupOperations.Does(operation))
                {
                    yield return BackupOperations.Inverse(operation, undo);
                    continue;
                }

                var now = sets.GetValueOrDefault(operation.Subject);
                if (!unsaved.Contains(operation.Subject) && (done.IsWhole || WasBegun(operation, now)))
                {
                    yield return Inverse(operation, After(done, now, ownWork), done.Result is null, now, undo);
                }
            }
        }
    }

    /// <summary>False for an operation that was cut off before its first write: there is nothing to take back.</summary>
    private static bool WasBegun(RepairOperation operation, LeafSet? now) =>
        now is null || !OperationProgress.Matches((LeafSetPrecondition)operation.Precondition, now);

    /// <summary>What an operation left behind: as it was recorded, or, where it was cut off, as it stands when all of it is the operation's own work.</summary>
    private static LeafSetPrecondition? After(AppliedOperation done, LeafSet? now, HashSet<int> ownWork) =>
        done.IsWhole ? (LeafSetPrecondition)done.Result!.After!
        : now is not null && IsOwnWork(done.Operation, now, ownWork) ? LeafSets.Precondition(now)
        : null;

    private static bool IsOwnWork(RepairOperation operation, LeafSet now, HashSet<int> ownWork) => operation.Action is ResolveConflictAction action
        ? OperationProgress.Of(action, (LeafSetPrecondition)operation.Precondition, now).Stage is OperationStage.WinnerWritten or OperationStage.Done
        : ownWork.Contains(operation.Number);

    private static RepairOperation Inverse(RepairOperation operation, LeafSetPrecondition? after, bool cutOff, LeafSet? now, UndoSource undo)
    {
        var before = (LeafSetPrecondition)operation.Precondition;
        var inverse = operation with
        {
            Number = 0,
            Type = OperationTypes.RestoreRevisions,
            Risk = Risk.Low,
            Strategy = Strategy.Manual,
            Precondition = after ?? before,
            OldValue = operation.NewValue,
            NewValue = operation.OldValue,
            Changes = [.. operation.Changes.Select(change => change with { Old = change.New, New = change.Old, Source = null })],
            Discarded = [],
            UndecidedFields = [],
            Choices = [],
            Action = null,
            NeedsReview = true,
        };
        if (now is null || after is null || !OperationProgress.Matches(after, now))
        {
            return inverse with
            {
                Reason = cutOff
                    ? "The run was cut off while it wrote this document, so that it is left alone: resume the execution before it is undone; what that leaves alone, too, decide by hand."
                    : "The document was changed since the repair: it is left alone.",
            };
        }

        var live = before.Leaves.Where(leaf => !leaf.Deleted).ToList();
        var descent = now.Descent();
        var grown = live.Select(leaf => descent.GetValueOrDefault(RevisionId.Parse(leaf.Revision))?.Revision.ToString()).OfType<string>().ToList();
        if (grown.Count < live.Count)
        {
            return inverse with
            {
                Reason = $"The database keeps too few revisions (_revs_limit) to tell what grew from which leaf: it is left alone. {undo.Backup.Path} has every leaf as it was.",
            };
        }

        return inverse with
        {
            NeedsReview = false,
            Reason = $"Takes back operation {operation.Number} of {undo.Execution.Id}: {Counted.Of(live.Count, "live leaf", "live leaves")} as before.",
            Action = new RestoreRevisionsAction
            {
                Leaves = [.. live.Zip(grown, (leaf, tip) => new RestoredLeaf(leaf.Revision, tip))],
                RemoveRevisions = [.. now.Live.Select(leaf => leaf.Revision.ToString()).Except(grown)],
                WinningRevision = live.Count == 0
                    ? null
                    : live.MaxBy(leaf => RevisionId.Parse(leaf.Revision))!.Revision,
                FromExecution = undo.Execution.Id,
                BackupPath = undo.Backup.Path,
            },
        };
    }

    /// <summary>
    /// The documents that had other leaves already when the execution saved the state before: what was done to them since the plan is the work of another. What it
    /// applied itself it had saved.
    /// </summary>
    private static async Task<IReadOnlySet<string>> UnsavedAsync(IEnumerable<AppliedOperation> batch, string backup, CancellationToken cancellationToken)
    {
        await using var saved = new SavedRevisions();
        return await saved.UnsavedAsync(backup, batch.Where(pair => pair.Result is not { Outcome: OperationOutcome.Applied }).Select(pair => pair.Operation), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The numbers of the operations without an end that give leaves back, of whose documents every present leaf is the one before or their own write.</summary>
    private async Task<HashSet<int>> OwnWorkAsync(IEnumerable<AppliedOperation> batch, CancellationToken cancellationToken)
    {
        var cutOff = batch.Where(pair => !pair.IsWhole && pair.Operation.Action is RestoreRevisionsAction).Select(pair => pair.Operation).ToList();
        if (cutOff.Count == 0)
        {
            return [];
        }

        await using var saved = new SavedRevisions();
        var own = new HashSet<int>();
        foreach (var given in cutOff.GroupBy(operation => ((RestoreRevisionsAction)operation.Action!).BackupPath, StringComparer.Ordinal))
        {
            try
            {
                var restorations = await Restoration.ReadAsync(source, saved, [.. given], cancellationToken).ConfigureAwait(false);
                own.UnionWith(given.Zip(restorations).Where(pair => pair.Second is { IsExplained: true }).Select(pair => pair.First.Number));
            }
            catch (IntegrityException gone) when (gone.ErrorId is ErrorIds.StoreNotFound or ErrorIds.DamagedFile)
            {
                // What the run wrote cannot be told from what others did without the dump that it gave back: these are left to a person, the others are not.
            }
        }

        return own;
    }
}
