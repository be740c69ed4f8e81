using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Where revisions are read from: a server or a dump. Both are scanned and planned by the same code.</summary>
public interface ICouchSource : IAsyncDisposable
{
    /// <summary>The leaf feed: every document with its leaf revisions (deleted ones included, not told apart), in feed order, streamed.</summary>
    /// <param name="statistics">Told the documents counted and the sequences.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <remarks>Only documents with more than one leaf are returned, and of those none whose leaves are all deleted when the feed tells so; the
    /// others are counted.</remarks>
    IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken);

    /// <summary>Every document that is not deleted, with the body of its winner, streamed; one that the store lists twice is given twice, one after the other.</summary>
    /// <param name="statistics">Told the documents counted; those before <see cref="ScanStatistics.ResumeDocument"/> may be left out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, CancellationToken cancellationToken);

    /// <summary>Reads the named revisions with bodies and histories; what the store no longer has is left out. Any order.</summary>
    IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken);

    /// <summary>Reads all leaves of the named documents, one set a document that exists, in the order of <paramref name="ids"/>.</summary>
    IAsyncEnumerable<LeafSet> ReadLeavesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>The document with exactly these leaves, if an earlier step has read all of them; what stands there now is not asked.</summary>
    ValueTask<LeafSet?> RecallAsync(string id, IReadOnlyList<RevisionId> leaves, CancellationToken cancellationToken) => ValueTask.FromResult<LeafSet?>(null);

    /// <summary>About how many documents the leaf feed will list, deleted ones included; null when unknown until it was read.</summary>
    /// <remarks>Known once <see cref="ReadConflictCandidatesAsync"/> has begun.</remarks>
    long? ExpectedDocuments => null;

    /// <summary>How far a file is that has to be read before its documents are known, in bytes; null when there is none, and once it was read.</summary>
    (long Done, long Total)? Reading => null;

    /// <summary>What could not be read while the rest was; known once <see cref="ReadConflictCandidatesAsync"/> has given its first entry or ended.</summary>
    IReadOnlyList<EntryEvidence> UnreadableEntries => [];

    /// <summary>What each copy of each shard holds under an id; empty where there are no shards, or the server does not tell.</summary>
    Task<IReadOnlyList<ShardCopy>> ReadCopiesAsync(string id, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ShardCopy>>([]);

    /// <summary>Reads one revision with the data of its attachments inline; null when the store no longer has it.</summary>
    Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The same revision with the data of its attachments: in its body, or, of large ones, held in a file until it is released. Null when the store no longer has it.
    /// </summary>
    /// <param name="revision">As it was read, with stubs.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<DocumentRevision?> HoldAsync(DocumentRevision revision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return ReadWithAttachmentsAsync(new RevisionRequest(revision.Id, revision.Revision), cancellationToken);
    }
}
