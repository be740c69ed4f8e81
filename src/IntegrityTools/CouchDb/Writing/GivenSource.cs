using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>A database as it would be with one document more: the pass sees that one alone, its references are asked of the database.</summary>
internal sealed class GivenSource(ICouchSource database, string id, RawJson document) : ICouchSource
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return new DocumentBody(id, document.Utf8);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LeafSet> ReadLeavesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => database.ReadLeavesAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken) =>
        database.ReadRevisionsAsync(requests, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        database.ReadConflictCandidatesAsync(statistics, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken) =>
        database.ReadWithAttachmentsAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
