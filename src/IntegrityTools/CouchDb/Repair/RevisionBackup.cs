using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Saves what a repair touches as a dump: before the leaves of each document the bodies of its common ancestors, so that a merge planned
/// from the backup equals one planned from the server; then every leaf with history, body and attachments.
/// </summary>
internal sealed class RevisionBackup(ICouchSource source, RepairContext context)
{
    private const int DocumentsAtOnce = 250;

    // Reading waits for the server, writing does not: a few reads at a time keep both busy.
    private const int Lanes = 4;

    private readonly ConflictPlanner planner = new();
    private readonly HashSet<string> unsaved = new(StringComparer.Ordinal);

    /// <summary>The documents that had not the live leaves of the plan when the backup was written: should they have them later, there is nothing to take back from.</summary>
    public IReadOnlySet<string> Unsaved => unsaved;

    /// <summary>Writes the backup; it stands on disk, flushed, when this returns.</summary>
    /// <param name="operations">What is to be done.</param>
    /// <param name="notes">What else has to be known of the state before, as documents that no database has; null: nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.BackupFailed"/>: nothing may be repaired.</exception>
    public async Task<BackupRecord> WriteAsync(
        IReadOnlyList<RepairOperation> operations, IAsyncEnumerable<RawJson>? notes, CancellationToken cancellationToken)
    {
        try
        {
            var folder = Path.GetDirectoryName(context.BackupPath)!;
            Directory.CreateDirectory(folder);
            await using var writer = new DumpWriter(context.BackupPath);
            var documents = 0L;
            await foreach (var note in (notes ?? AsyncEnumerable.Empty<RawJson>()).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteAsync(note, cancellationToken).ConfigureAwait(false);
            }

            var affected = operations.DistinctBy(operation => operation.Subject, StringComparer.Ordinal).Select(Planned).ToList();
            var needed = operations.ToLookup(operation => operation.Subject, SavedRevisions.Needed, StringComparer.Ordinal);
            unsaved.UnionWith(needed.Where(document => document.Any(leaves => leaves.Any())).Select(document => document.Key));
            using var writing = new SemaphoreSlim(1, 1);
            var lanes = new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                affected.Chunk(DocumentsAtOnce),
                lanes,
                async (batch, token) =>
                {
                    await foreach (var conflict in ConflictCases.ReadAsync(source, planner, batch, token).ConfigureAwait(false))
                    {
                        await writing.WaitAsync(token).ConfigureAwait(false);
                        try
                        {
                            var written = new HashSet<RevisionId>();
                            foreach (var revision in conflict.Ancestors.Values.OrderBy(ancestor => ancestor.Revision).Concat(conflict.Leaves.Leaves))
                            {
                                writer.HasAttachments |= revision.Attachments.Count > 0;
                                if (await WholeAsync(revision, token).ConfigureAwait(false) is { } whole)
                                {
                                    try
                                    {
                                        await writer.WriteAsync(whole, token).ConfigureAwait(false);
                                        written.Add(revision.Revision);
                                    }
                                    finally
                                    {
                                        whole.Release();
                                    }
                                }
                            }

                            documents++;
                            if (needed[conflict.Leaves.Id].All(written.IsSupersetOf))
                            {
                                unsaved.Remove(conflict.Leaves.Id);
                            }
                        }
                        finally
                        {
                            writing.Release();
                        }
                    }

                    context.Progress?.Report(new WorkProgress("Saving", Interlocked.Read(ref documents), affected.Count, "documents", writer.Revisions, "revisions"));
                }).ConfigureAwait(false);

            var (sha256, length) = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return new BackupRecord(context.BackupPath, sha256, length, documents, writer.Revisions);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed,
                $"The state before the repair could not be saved, so nothing was repaired: {exception.Message}",
                context.BackupPath,
                "Make room or give the folder's rights, then resume the execution; the backups stand beside the ledger.",
                exception);
        }
    }

    // What changed since the plan is stale, or unsaved should it come to what was planned after all: nothing is written to it, and its present leaves need no saving.
    private static LeafEntry Planned(RepairOperation operation) => new(
        operation.Subject,
        operation.Precondition is LeafSetPrecondition planned ? [.. planned.Leaves.Select(leaf => RevisionId.Parse(leaf.Revision))] : []);

    /// <summary>The revision with its attachments' data; null when it is gone and no leaf any more, so that its document is stale.</summary>
    private async Task<DocumentRevision?> WholeAsync(DocumentRevision revision, CancellationToken cancellationToken)
    {
        if (revision.Attachments.Count == 0)
        {
            return revision;
        }

        if (await source.HoldAsync(revision, cancellationToken).ConfigureAwait(false) is { } whole)
        {
            return whole;
        }

        var now = await source.ReadLeavesAsync([revision.Id], cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return now is null || now.Leaves.All(leaf => leaf.Revision != revision.Revision) ? null : throw new IntegrityException(
            ErrorIds.BackupFailed,
            $"Revision {revision.Revision} is listed and cannot be read with its attachments, so nothing was repaired.",
            revision.Id,
            "Look at the server's log: an attachment of it may be damaged. A plan without this document can be repaired.");
    }
}
