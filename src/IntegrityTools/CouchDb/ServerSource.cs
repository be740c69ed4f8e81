using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Reads revisions from a running server. Owns its client.</summary>
internal sealed class ServerSource(CouchClient client) : ICouchSource
{
    /// <inheritdoc/>
    public long? ExpectedDocuments { get; private set; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var info = await client.OpenAsync(cancellationToken);
        ExpectedDocuments = info.Documents + (info.DeletedDocuments ?? 0);

        // One feed lists a document once; a feed that goes on after a break can list it again. Ids are remembered as digests.
        var seen = new HashSet<ShortDigest>();
        var entries = new List<LeafEntry>();
        var since = statistics.ResumeSequence ?? statistics.SinceSequence;
        var page = client.Options.PageSize;
        for (var attempt = 1; ; attempt++)
        {
            Exception? broken = null;
            LeafFeedReader? feed = null;
            var rows = 0;
            var stream = Stream.Null;
            try
            {
                stream = await client.OpenChangesFeedAsync(since, cancellationToken, limit: page);
                feed = new LeafFeedReader(stream, listed: statistics.Listed);
            }
            catch (Exception exception) when (CouchErrors.IsTransient(exception))
            {
                broken = exception;
            }

            await using (stream)
            {
                while (broken is null && !feed!.Completed)
                {
                    try
                    {
                        var count = await feed.ReadAsync(entries, cancellationToken);
                        rows += count;
                        statistics.AddDocuments(count);
                    }
                    catch (Exception exception) when (CouchErrors.IsTransient(exception))
                    {
                        broken = exception;
                    }

                    if (page is not null && broken is null && !feed.Completed)
                    {
                        // A page ends before anybody looks at it: whoever does may ask the server, too.
                        continue;
                    }

                    foreach (var entry in entries)
                    {
                        if (seen.Add(ShortDigest.Of(entry.Id)))
                        {
                            yield return entry;
                        }
                    }

                    entries.Clear();
                    statistics.Reached = feed.Sequence is { } sequence ? new ScanReach(sequence, statistics.Documents - feed.RowsSinceSequence) : statistics.Reached;
                }
            }

            statistics.AddWrites(feed?.LiveRows ?? 0, feed?.Writes ?? 0);
            var reached = feed?.Sequence;
            statistics.LastSequence = reached ?? statistics.LastSequence;
            if (broken is null && (page is null || rows < page || reached is null))
            {
                yield break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            since = reached ?? since;
            if (broken is null)
            {
                attempt = 0;
                continue;
            }

            statistics.AddDocuments(-(feed?.RowsSinceSequence ?? 0));

            // Tries are counted at one place: a feed that came further may break again, however often a long one does.
            attempt = reached is null ? attempt : 1;
            await client.PauseAsync("Reading the changes feed", attempt, broken, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var info = await client.OpenAsync(cancellationToken);
        ExpectedDocuments = info.Documents;
        var range = new DocumentRange(From: statistics.ResumeDocument);
        var pages = new PagesAhead(client, page => ListAsync(page, bodies: true, cancellationToken));
        var documents = pages.IsAllowed && info.Documents > PagesAhead.PageSize ? pages.ReadAsync(range, cancellationToken) : ListAsync(range, bodies: true, cancellationToken);
        await foreach (var document in documents)
        {
            statistics.AddDocuments(1);
            yield return document;
        }
    }

    /// <summary>The documents of a range that are not deleted, in the order of their ids; one that the server lists twice is given twice.</summary>
    /// <param name="range">Which.</param>
    /// <param name="bodies">True to have the bodies of the winners; else they are empty.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public IAsyncEnumerable<DocumentBody> ListAsync(DocumentRange range, bool bodies, CancellationToken cancellationToken)
    {
        string? last = null;
        var (times, again) = (0, 0);
        int? limit = null;
        return RowFeed.ReadAsync(client, Open, bodies, Take, IsPage, "Reading all documents", cancellationToken);

        // A list that goes on begins with the last document, as often as it was given already.
        Task<Stream> Open()
        {
            again = times;
            limit = client.Options.PageSize + again;
            return client.OpenAllDocsAsync(range with { From = last ?? range.From }, bodies, limit, cancellationToken);
        }

        bool Take(DocumentBody document)
        {
            if (again > 0 && document.Id == last)
            {
                again--;
                return false;
            }

            (times, again, last) = (document.Id == last ? times + 1 : 1, 0, document.Id);
            return true;
        }

        bool IsPage(AllDocsReader rows)
        {
            if (rows.LastId != last)
            {
                // One that was deleted meanwhile stands there without a body.
                (last, times) = (rows.LastId ?? last, 1);
            }

            return rows.Rows >= limit;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(
        IReadOnlyList<RevisionRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in requests.Chunk(client.Options.BatchSize))
        {
            var items = Array.ConvertAll(batch, request => new BulkGetItem(request.Id, request.Revision.ToString()));
            await foreach (var revision in client.BulkGetAsync(items, attachments: false, cancellationToken))
            {
                yield return revision;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LeafSet> ReadLeavesAsync(
        IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await client.OpenAsync(cancellationToken);
        foreach (var batch in ids.Chunk(client.Options.BatchSize))
        {
            var items = Array.ConvertAll(batch, id => new BulkGetItem(id, null));
            if (!client.IsCouchDb)
            {
                // Other servers give the winner alone when no revision is named.
                var entries = await client.GetLeafRevisionsAsync(batch, cancellationToken);
                items =
                [
                    .. batch.Where(entries.ContainsKey).SelectMany(id => entries[id].Leaves.Select(leaf => new BulkGetItem(id, leaf.ToString()))),
                ];
            }

            var leaves = new List<DocumentRevision>();
            await foreach (var leaf in client.BulkGetAsync(items, attachments: false, cancellationToken))
            {
                if (leaves.Count > 0 && leaves[0].Id != leaf.Id)
                {
                    yield return LeafSet.Of(leaves[0].Id, leaves);
                    leaves.Clear();
                }

                leaves.Add(leaf);
            }

            if (leaves.Count > 0)
            {
                yield return LeafSet.Of(leaves[0].Id, leaves);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken)
    {
        var items = new[] { new BulkGetItem(request.Id, request.Revision.ToString()) };
        await foreach (var revision in client.BulkGetAsync(items, attachments: true, cancellationToken))
        {
            return revision;
        }

        return null;
    }

    /// <inheritdoc/>
    public Task<DocumentRevision?> HoldAsync(DocumentRevision revision, CancellationToken cancellationToken) => client.Attachments.CanHold(revision)
        ? client.Attachments.HoldAsync(revision, cancellationToken)
        : ReadWithAttachmentsAsync(new RevisionRequest(revision.Id, revision.Revision), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardCopy>> ReadCopiesAsync(string id, CancellationToken cancellationToken) => new ShardReader(client).ReadAsync(id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
