using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Applies a batch of resolutions: what is kept is written first, for all; tombstones follow only where that write stood; then all is
/// read back. A write names the leaf that it replaces, so an executor that slept while another repaired is refused at its first write
/// and never sends a tombstone.
/// </summary>
/// <param name="source">Where leaves are read.</param>
/// <param name="writer">Where revisions are written.</param>
/// <param name="executionId">The execution, for the results.</param>
internal sealed class ConflictResolution(ICouchSource source, IRevisionWriter writer, string executionId)
{
    private const string ScanAgain = "Scan again and make a new plan for it.";

    /// <summary>Applies the operations, each of which has a <see cref="ResolveConflictAction"/>.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="unsaved">The documents that are left alone, since what would be replaced is not saved; null: none.</param>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(
        IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken, IReadOnlySet<string>? unsaved = null)
    {
        var results = new BatchResults(executionId, operations);
        var before = await LeafSets.ReadAsync(source, operations.Select(operation => operation.Subject), cancellationToken).ConfigureAwait(false);
        var stages = new OperationStage[operations.Count];
        var written = operations.Select(_ => new Dictionary<string, RevisionId>(StringComparer.Ordinal)).ToList();
        for (var index = 0; index < operations.Count; index++)
        {
            var now = before.GetValueOrDefault(operations[index].Subject);
            var (stage, why) = OperationProgress.Of(Action(operations[index]), (LeafSetPrecondition)operations[index].Precondition, now);
            stages[index] = stage;
            if (stage == OperationStage.Stale)
            {
                // An earlier part of the run may have written the kept revision already.
                results.Set(index, OperationOutcome.Stale, $"It is left alone: {why}. {ScanAgain}");
            }
            else if (stage == OperationStage.Done)
            {
                results.Set(index, OperationOutcome.AlreadyApplied, null, now);
            }
            else if (unsaved?.Contains(operations[index].Subject) == true)
            {
                results.Set(index, OperationOutcome.Stale, $"It is left alone: it had other leaves when the state before was saved, and nobody could take this back. {ScanAgain}");
            }
        }

        await KeepAsync(operations, stages, before, written, results, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(operations, before, written, results, cancellationToken).ConfigureAwait(false);
        await VerifyAsync(operations, stages, written, results, cancellationToken).ConfigureAwait(false);
        return results.ToList();
    }

    private static ResolveConflictAction Action(RepairOperation operation) => (ResolveConflictAction)operation.Action!;

    private async Task KeepAsync(
        IReadOnlyList<RepairOperation> operations,
        OperationStage[] stages,
        Dictionary<string, LeafSet> before,
        List<Dictionary<string, RevisionId>> written,
        BatchResults results,
        CancellationToken cancellationToken)
    {
        var writes = new List<(int Index, NewRevision Write)>(operations.Count);
        for (var index = 0; index < operations.Count; index++)
        {
            if (!results.Has(index) && stages[index] == OperationStage.Untouched)
            {
                var action = Action(operations[index]);
                var set = before[operations[index].Subject];
                var kept = set.Leaf(action.KeepRevision);
                var (attachments, held) = action.Delete
                    ? (null, HeldAttachment.None) : await AttachmentText.ForAsync(source, action, set, kept, cancellationToken).ConfigureAwait(false);
                writes.Add((index, new NewRevision(kept, kept.Deleted || action.Delete, action.Body ?? kept.Body, attachments) { Held = held }));
                if (held.Count > 0)
                {
                    // One document's large attachments at a time are in the temporary folder.
                    await KeepAsync(writes, written, results, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        await KeepAsync(writes, written, results, cancellationToken).ConfigureAwait(false);
    }

    private async Task KeepAsync(
        List<(int Index, NewRevision Write)> writes, List<Dictionary<string, RevisionId>> written, BatchResults results, CancellationToken cancellationToken)
    {
        try
        {
            var outcomes = await writer.WriteAsync(writes.ConvertAll(pair => pair.Write), cancellationToken).ConfigureAwait(false);
            foreach (var ((index, write), outcome) in writes.Zip(outcomes))
            {
                if (outcome.Revision is { } own)
                {
                    written[index][write.Parent.Revision.ToString()] = own;
                }
                else if (outcome.Conflict)
                {
                    results.Set(index, OperationOutcome.Stale, $"Nothing was written: leaf {write.Parent.Revision} was edited meanwhile. {ScanAgain}");
                }
                else if (outcome.Error is { } error)
                {
                    results.Set(index, OperationOutcome.Failed, $"Nothing was written: {error}");
                }
            }
        }
        finally
        {
            writes.ForEach(pair => pair.Write.Release());
            writes.Clear();
        }
    }

    private async Task RemoveAsync(
        IReadOnlyList<RepairOperation> operations,
        Dictionary<string, LeafSet> before,
        List<Dictionary<string, RevisionId>> written,
        BatchResults results,
        CancellationToken cancellationToken)
    {
        var indexes = new List<int>(operations.Count);
        var writes = new List<NewRevision>(operations.Count);
        for (var index = 0; index < operations.Count; index++)
        {
            if (results.Has(index))
            {
                continue;
            }

            var action = Action(operations[index]);
            var leaves = before[operations[index].Subject].Leaves.ToDictionary(leaf => leaf.Revision.ToString());
            foreach (var revision in action.RemoveRevisions.Concat(action.CloseRevisions))
            {
                if (leaves.TryGetValue(revision, out var leaf))
                {
                    indexes.Add(index);
                    writes.Add(NewRevision.Tombstone(leaf));
                }
            }
        }

        var outcomes = await writer.WriteAsync(writes, cancellationToken).ConfigureAwait(false);
        for (var write = 0; write < writes.Count; write++)
        {
            var index = indexes[write];
            if (outcomes[write].Revision is { } own)
            {
                written[index][writes[write].Parent.Revision.ToString()] = own;
                continue;
            }

            if (results.Has(index))
            {
                continue;
            }

            // The kept revision stands already, so nothing is lost; what is there now is read so that it can be taken back.
            var now = await LeafSets.ReadAsync(source, [operations[index].Subject], cancellationToken).ConfigureAwait(false);
            var leaf = writes[write].Parent.Revision;
            results.Set(
                index,
                outcomes[write].Conflict ? OperationOutcome.Stale : OperationOutcome.Failed,
                outcomes[write].Conflict
                    ? $"The kept revision was written, but leaf {leaf} was edited meanwhile and stays. {ScanAgain}"
                    : $"The kept revision was written, but leaf {leaf} could not be removed and stays: {outcomes[write].Error}",
                now.GetValueOrDefault(operations[index].Subject));
        }
    }

    private async Task VerifyAsync(
        IReadOnlyList<RepairOperation> operations,
        OperationStage[] stages,
        List<Dictionary<string, RevisionId>> written,
        BatchResults results,
        CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, operations.Count).Where(index => !results.Has(index)).ToList();
        var after = await LeafSets.ReadAsync(source, open.Select(index => operations[index].Subject), cancellationToken).ConfigureAwait(false);
        foreach (var index in open)
        {
            var now = after.GetValueOrDefault(operations[index].Subject);
            var (stage, why) = OperationProgress.Of(Action(operations[index]), (LeafSetPrecondition)operations[index].Precondition, now, written[index]);
            if (stage == OperationStage.Done)
            {
                results.Set(index, OperationOutcome.Applied, stages[index] == OperationStage.Untouched ? null : "Finished what an interrupted run had begun.", now);
            }
            else if (stage == OperationStage.Stale)
            {
                results.Set(index, OperationOutcome.Stale, $"It was written, and edited again by somebody else before it was read back: {why}. {ScanAgain}", now);
            }
            else
            {
                results.Set(
                    index,
                    OperationOutcome.Failed,
                    $"It was written, but the store reads back as {stage}. Look at the document; the backup has every leaf as it was.",
                    now);
            }
        }
    }
}
