using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Gives back leaves that operations replaced. A store never takes an old revision twice, so each body is written anew under the
/// leaf that grew from it; then the branch that won before is made to win again.
/// </summary>
internal sealed class RevisionRestoration(ICouchSource source, IRevisionWriter writer, ISavedRevisions saved, string executionId)
{
    // After a repair every branch has got the same two revisions (the repair's and this one's), so generations stand as they stood, and one
    // more settles a tie; a document that was half repaired can be off by another. A restore meets branches that others have taken far ahead,
    // and CouchDB takes one revision after the other; as far as its revs_limit, mostly 1,000, a branch is known for what it is.
    private const int MostRounds = 8;
    private const int MostBehind = 10_000;

    /// <summary>Applies the operations, each of which has a <see cref="RestoreRevisionsAction"/>.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="unsaved">The documents that are left alone, since what would be replaced is not saved; null: none.</param>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(
        IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken, IReadOnlySet<string>? unsaved = null)
    {
        var results = new BatchResults(executionId, operations);
        var restorations = await ReadAsync(operations, unsaved, results, cancellationToken).ConfigureAwait(false);
        var rounds = MostRounds + Math.Min(MostBehind, restorations.Values.Select(restoration => restoration.Behind).DefaultIfEmpty().Max());
        for (var round = 0; round < rounds && restorations.Count > 0; round++)
        {
            await WriteAsync(restorations, results, cancellationToken).ConfigureAwait(false);
            var now = await LeafSets.ReadAsync(source, restorations.Values.Select(restoration => restoration.Now.Id), cancellationToken)
                .ConfigureAwait(false);
            foreach (var (index, restoration) in restorations.ToList())
            {
                if (now.TryGetValue(restoration.Now.Id, out var leaves))
                {
                    await restoration.RefreshAsync(source, leaves, cancellationToken).ConfigureAwait(false);
                }

                if (results.Has(index))
                {
                    restorations.Remove(index);
                }
                else if (!restoration.IsExplained)
                {
                    results.Set(
                        index, OperationOutcome.Stale, "The document was edited meanwhile: what is restored so far stays beside the edit, nothing is lost. Look at it, and decide by hand.", restoration.Now);
                    restorations.Remove(index);
                }
                else if (restoration.IsDone)
                {
                    results.Set(index, OperationOutcome.Applied, null, restoration.Now);
                    restorations.Remove(index);
                }
            }
        }

        foreach (var (index, restoration) in restorations)
        {
            results.Set(
                index,
                OperationOutcome.Failed,
                "It was written, but does not read back as it was before. Look at the document; the backup has every leaf.",
                restoration.Now);
        }

        return results.ToList();
    }

    private async Task<SortedDictionary<int, Restoration>> ReadAsync(
        IReadOnlyList<RepairOperation> operations, IReadOnlySet<string>? unsaved, BatchResults results, CancellationToken cancellationToken)
    {
        var read = await Restoration.ReadAsync(source, saved, operations, cancellationToken).ConfigureAwait(false);
        var restorations = new SortedDictionary<int, Restoration>();
        for (var index = 0; index < operations.Count; index++)
        {
            var restoration = read[index];
            if (restoration is not { IsExplained: true })
            {
                results.Set(index, OperationOutcome.Stale, "The document was changed since this was planned: it is left alone. Look at it, and decide by hand.");
            }
            else if (restoration.IsDone)
            {
                results.Set(index, OperationOutcome.AlreadyApplied, null, restoration.Now);
            }
            else if (unsaved?.Contains(operations[index].Subject) == true)
            {
                results.Set(index, OperationOutcome.Stale, "It is left alone: it had other leaves when the state before was saved. Look at it, and decide by hand.");
            }
            else
            {
                restorations.Add(index, restoration);
            }
        }

        return restorations;
    }

    private async Task WriteAsync(SortedDictionary<int, Restoration> restorations, BatchResults results, CancellationToken cancellationToken)
    {
        var writes = restorations.SelectMany(pair => pair.Value.NextWrites().Select(write => (pair.Key, Write: write))).ToList();
        var outcomes = await writer.WriteAsync([.. writes.Select(pair => pair.Write)], cancellationToken).ConfigureAwait(false);
        var begun = restorations.Where(pair => pair.Value.IsBegun).Select(pair => pair.Key)
            .Concat(writes.Zip(outcomes).Where(pair => pair.Second.Revision is not null).Select(pair => pair.First.Key))
            .ToHashSet();
        for (var index = 0; index < writes.Count; index++)
        {
            var operation = writes[index].Key;
            if (outcomes[index].Revision is { } written)
            {
                restorations[operation].Wrote(writes[index].Write, written);
                continue;
            }

            if (results.Has(operation))
            {
                continue;
            }

            var why = outcomes[index].Conflict ? "The document was edited meanwhile" : $"The store refused a revision: {outcomes[index].Error}";
            var outcome = outcomes[index].Conflict ? OperationOutcome.Stale : OperationOutcome.Failed;
            if (!begun.Contains(operation))
            {
                results.Set(operation, outcome, $"Nothing was written: {why}");
                continue;
            }

            var standing = await LeafSets.ReadAsync(source, [restorations[operation].Now.Id], cancellationToken).ConfigureAwait(false);
            results.Set(
                operation,
                outcome,
                outcomes[index].Conflict ? $"{why}: what is restored so far stays beside the edit, nothing is lost. Look at it, and decide by hand." : why,
                standing.Values.FirstOrDefault());
        }
    }
}
