using System.Collections.Concurrent;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Reads saved revisions from the dumps in which they were saved, each of which is opened once.</summary>
internal sealed class SavedRevisions : ISavedRevisions, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, DumpSource> dumps = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<RevisionRequest, DocumentRevision>> ReadAsync(
        string backupPath, IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken)
    {
        var found = await FindAsync(backupPath, requests, cancellationToken).ConfigureAwait(false);
        var missing = requests.FirstOrDefault(request => !found.ContainsKey(request));
        return missing is null ? found : throw new IntegrityException(
            ErrorIds.DamagedFile,
            $"The backup does not hold revision {missing.Revision} of '{missing.Id}'.",
            backupPath,
            "Nothing was changed. Look whether the file was edited or cut; the ledger has its SHA-256 ('integrity audit show').");
    }

    /// <summary>Those of the revisions that a dump holds.</summary>
    private async Task<Dictionary<RevisionRequest, DocumentRevision>> FindAsync(
        string backupPath, IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken)
    {
        var dump = dumps.GetOrAdd(backupPath, path => new DumpSource(path));
        var found = new Dictionary<RevisionRequest, DocumentRevision>(requests.Count);
        await foreach (var revision in dump.ReadRevisionsAsync(requests, cancellationToken).ConfigureAwait(false))
        {
            found[new RevisionRequest(revision.Id, revision.Revision)] = revision;
        }

        return found;
    }

    /// <summary>The documents of which a dump lacks what their operations replace.</summary>
    public async Task<IReadOnlySet<string>> UnsavedAsync(string backupPath, IEnumerable<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var needed = operations.SelectMany(operation => Needed(operation).Select(leaf => new RevisionRequest(operation.Subject, leaf))).ToList();
        var found = needed.Count == 0 ? [] : await FindAsync(backupPath, needed, cancellationToken).ConfigureAwait(false);
        return needed.Where(leaf => !found.ContainsKey(leaf)).Select(leaf => leaf.Id).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The live leaves that an operation replaces: without them in the backup nobody could take it back.</summary>
    public static IEnumerable<RevisionId> Needed(RepairOperation operation) => operation.Precondition is LeafSetPrecondition planned
        ? planned.Leaves.Where(leaf => !leaf.Deleted).Select(leaf => RevisionId.Parse(leaf.Revision))
        : [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var dump in dumps.Values)
        {
            await dump.DisposeAsync().ConfigureAwait(false);
        }
    }
}
