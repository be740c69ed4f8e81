using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>A source seen through another: what it does not say itself, the one inside says.</summary>
/// <param name="inner">The one inside.</param>
/// <param name="owned">Whether it is closed with this one.</param>
internal abstract class SourceAround(ICouchSource inner, bool owned = true) : ICouchSource
{
    /// <inheritdoc/>
    public virtual long? ExpectedDocuments => inner.ExpectedDocuments;

    /// <inheritdoc/>
    public (long Done, long Total)? Reading => inner.Reading;

    /// <inheritdoc/>
    public IReadOnlyList<EntryEvidence> UnreadableEntries => inner.UnreadableEntries;

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        inner.ReadConflictCandidatesAsync(statistics, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        inner.ReadDocumentsAsync(statistics, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken) =>
        inner.ReadRevisionsAsync(requests, cancellationToken);

    /// <inheritdoc/>
    public virtual IAsyncEnumerable<LeafSet> ReadLeavesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        inner.ReadLeavesAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<LeafSet?> RecallAsync(string id, IReadOnlyList<RevisionId> leaves, CancellationToken cancellationToken) =>
        inner.RecallAsync(id, leaves, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardCopy>> ReadCopiesAsync(string id, CancellationToken cancellationToken) => inner.ReadCopiesAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken) =>
        inner.ReadWithAttachmentsAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentRevision?> HoldAsync(DocumentRevision revision, CancellationToken cancellationToken) => inner.HoldAsync(revision, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => owned ? inner.DisposeAsync() : ValueTask.CompletedTask;
}
