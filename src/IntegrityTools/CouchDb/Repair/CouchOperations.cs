using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Gives each operation of a batch to the one who knows its kind.</summary>
internal sealed class CouchOperations(ConflictResolution resolution, RevisionRestoration restoration, StorageRepair? storage = null) : IDisposable
{
    private const int RestoredAtOnce = 100;

    // What is given back is read from one file.
    private readonly SemaphoreSlim restoring = new(1, 1);

    /// <summary>Applies a batch; one result an operation, in their order.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="unsaved">The documents that are left alone, since what would be replaced is not saved; null: none.</param>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(
        IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken, IReadOnlySet<string>? unsaved = null)
    {
        var unknown = operations.FirstOrDefault(operation =>
            operation.Action is not (ResolveConflictAction or RestoreRevisionsAction) && (storage is null || !StorageProposals.Knows(operation)));
        if (unknown is not null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"Operation {unknown.Number} ({unknown.Type}) is none that a CouchDB store can run.",
                unknown.Subject,
                "Make the plan again with this version.");
        }

        if (operations.FirstOrDefault(operation => !IsSound(operation)) is { } odd)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"What operation {odd.Number} does is about leaves that its precondition does not name.",
                odd.Subject,
                $"It was changed by hand: make the plan again, or choose the leaf with {CommandWords.Option("--keep-revision", "-KeepRevision")}.");
        }

        var resolved = operations.Where(operation => operation.Action is ResolveConflictAction).ToList();
        var restored = operations.Where(operation => operation.Action is RestoreRevisionsAction).ToList();
        var results = new List<RepairResult>(operations.Count);
        if (resolved.Count > 0)
        {
            results.AddRange(await resolution.ApplyAsync(resolved, cancellationToken, unsaved).ConfigureAwait(false));
        }

        // Saved bodies are held with their attachments while they are written: few at a time.
        foreach (var part in restored.Chunk(RestoredAtOnce))
        {
            await restoring.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                results.AddRange(await restoration.ApplyAsync(part, cancellationToken, unsaved).ConfigureAwait(false));
            }
            finally
            {
                restoring.Release();
            }
        }

        // Last, since a compaction removes what those before it leave behind.
        foreach (var operation in operations.Where(StorageProposals.Knows))
        {
            results.Add(await storage!.ApplyAsync(operation, cancellationToken).ConfigureAwait(false));
        }

        return [.. results.OrderBy(result => result.Number)];
    }

    private static bool IsSound(RepairOperation operation) => operation.Action switch
    {
        ResolveConflictAction keep => operation.Precondition is LeafSetPrecondition planned && planned.Leaves.Any(leaf => leaf.Revision == keep.KeepRevision),
        RestoreRevisionsAction => operation.Precondition is LeafSetPrecondition,
        _ => true,
    };

    /// <inheritdoc/>
    public void Dispose() => restoring.Dispose();
}
