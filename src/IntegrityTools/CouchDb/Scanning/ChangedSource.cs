using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>A database of which only the documents that were changed since a sequence are listed; what is asked for by its id is read all the same.</summary>
/// <param name="inner">The whole database.</param>
/// <param name="client">The same.</param>
/// <param name="since">The sequence.</param>
/// <param name="known">Told of what is listed, the deleted included: they have no fault any more.</param>
internal sealed class ChangedSource(ICouchSource inner, CouchClient client, string since, KnownSubjects? known) : SourceAround(inner)
{
    // Each pass tells of itself: between the two a document may be changed again.
    private static readonly IReadOnlySet<string> OfLeaves = new HashSet<string>(StringComparer.Ordinal)
    {
        IssueTypes.RevisionConflict, IssueTypes.EditDeleteConflict, IssueTypes.ResolvedConflict,
    };

    private static readonly IReadOnlySet<string> OfBodies = new HashSet<string>(StringComparer.Ordinal)
    {
        IssueTypes.MissingField, IssueTypes.UnknownType, IssueTypes.MissingReference, IssueTypes.SchemaViolation,
    };

    /// <summary>How many of the changed documents are deleted now; known once all were read.</summary>
    public long Deleted { get; private set; }

    /// <summary>Null: how many will be listed is not known.</summary>
    public override long? ExpectedDocuments => null;

    /// <inheritdoc/>
    public override IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken)
    {
        statistics.SinceSequence = since;
        statistics.Listed = known is null ? null : id => known.Saw(id, OfLeaves);
        return base.ReadConflictCandidatesAsync(statistics, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, CancellationToken cancellationToken)
    {
        // A feed that broke is read again: it is as long as what was changed.
        var given = new HashSet<ShortDigest>();
        var from = since;
        var page = client.Options.PageSize;
        return RowFeed.ReadAsync(
            client, () => client.OpenChangesFeedAsync(from, cancellationToken, withBodies: true, page), bodies: true, Take, IsPage, "Reading what was changed", cancellationToken);

        bool IsPage(AllDocsReader rows)
        {
            from = rows.LastSequence ?? from;
            return rows.LastSequence is not null && rows.Rows >= page;
        }

        bool Take(DocumentBody document)
        {
            if (!given.Add(ShortDigest.Of(document.Id)))
            {
                return false;
            }

            statistics.AddDocuments(1);
            known?.Saw(document.Id, OfBodies);
            var deleted = DocumentReader.Read(document.Utf8).Deleted;
            Deleted += deleted ? 1 : 0;
            return !deleted;
        }
    }
}
