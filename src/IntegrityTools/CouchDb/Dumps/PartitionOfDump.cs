using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>A dump of which only one partition's documents are listed: those whose ids begin with its name and a colon.</summary>
internal sealed class PartitionOfDump(ICouchSource dump, string partition) : ICouchSource
{
    private readonly string prefix = partition + ":";

    /// <inheritdoc/>
    public long? ExpectedDocuments => dump.ExpectedDocuments;

    /// <inheritdoc/>
    public (long Done, long Total)? Reading => dump.Reading;

    /// <inheritdoc/>
    public IReadOnlyList<EntryEvidence> UnreadableEntries => dump.UnreadableEntries;

    /// <inheritdoc/>
    public IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        dump.ReadConflictCandidatesAsync(statistics, cancellationToken).Where(entry => entry.Id.StartsWith(prefix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        dump.ReadDocumentsAsync(statistics, cancellationToken).Where(document => document.Id.StartsWith(prefix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken) =>
        dump.ReadRevisionsAsync(requests, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<LeafSet> ReadLeavesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        dump.ReadLeavesAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken) =>
        dump.ReadWithAttachmentsAsync(request, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => dump.DisposeAsync();
}
