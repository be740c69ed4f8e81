using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>
/// A database of which only the documents of a range of ids are listed; what is asked for by its id is read all the same. There is no leaf feed of a
/// range: the ids are listed, and the leaves of each are asked for by name.
/// </summary>
internal sealed class RangeSource(ICouchSource inner, ServerSource server, CouchClient client, DocumentRange range) : SourceAround(inner)
{
    // As many as one request names: what is found is handed on soon.
    private const int AskedAtOnce = 100;

    /// <summary>Null: how many will be listed is not known.</summary>
    public override long? ExpectedDocuments => null;

    /// <inheritdoc/>
    public override async IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var ids in server.ListAsync(range, bodies: false, cancellationToken).Select(document => document.Id).Chunk(AskedAtOnce).WithCancellation(cancellationToken))
        {
            // An id that stands there twice is one document here.
            var named = ids.Distinct(StringComparer.Ordinal).ToList();
            statistics.AddDocuments(named.Count);
            foreach (var entry in (await client.GetLeafRevisionsAsync(named, cancellationToken)).Values)
            {
                if (entry.Leaves.Count > 1)
                {
                    yield return entry;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in server.ListAsync(range, bodies: true, cancellationToken))
        {
            statistics.AddDocuments(1);
            yield return document;
        }
    }
}
