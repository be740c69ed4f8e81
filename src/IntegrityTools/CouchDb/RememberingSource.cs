using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>
/// Reads from a server what is not held yet. Which leaves a document has is asked anew each time, by the cheap list that the changes feed
/// gives of named documents; only their bodies are taken from memory.
/// </summary>
internal sealed class RememberingSource(ServerSource server, CouchClient client, RevisionMemory memory) : SourceAround(server)
{
    // A list is short: a few hundred bytes a document.
    private const int ListedAtOnce = 500;

    /// <inheritdoc/>
    public override async IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(
        IReadOnlyList<RevisionRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var missing = new List<RevisionRequest>();
        foreach (var request in requests)
        {
            if (memory.Find(request.Id, request.Revision) is { } known)
            {
                yield return known;
            }
            else
            {
                missing.Add(request);
            }
        }

        await foreach (var revision in base.ReadRevisionsAsync(missing, cancellationToken))
        {
            memory.Add(revision);
            yield return revision;
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<LeafSet> ReadLeavesAsync(
        IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);

        // Where nothing is held of any, one question is enough.
        await foreach (var set in ids.Any(memory.Knows) ? ListAsync(ids, cancellationToken) : StreamAsync(ids, cancellationToken))
        {
            yield return set;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<LeafSet?> RecallAsync(string id, IReadOnlyList<RevisionId> leaves, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var found = leaves.Select(leaf => memory.Find(id, leaf)).OfType<DocumentRevision>().ToList();
        return found.Count > 0 && found.Count == leaves.Count ? LeafSet.Of(id, found) : null;
    }

    private async ValueTask OpenAsync(CancellationToken cancellationToken) => memory.KeepOnlyOf((await client.OpenAsync(cancellationToken)).Incarnation);

    private async IAsyncEnumerable<LeafSet> StreamAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var set in base.ReadLeavesAsync(ids, cancellationToken))
        {
            foreach (var leaf in set.Leaves)
            {
                memory.Add(leaf);
            }

            yield return set;
        }
    }

    private async IAsyncEnumerable<LeafSet> ListAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in ids.Chunk(ListedAtOnce))
        {
            var listed = await client.GetLeafRevisionsAsync(batch, cancellationToken);
            var held = batch.Where(id => listed.TryGetValue(id, out var entry) && memory.IsCurrent(entry)).ToDictionary(
                id => id, id => listed[id].Leaves.Select(leaf => memory.Find(id, leaf)).OfType<DocumentRevision>().ToList(), StringComparer.Ordinal);
            var missing = held.SelectMany(pair => listed[pair.Key].Leaves.Except(pair.Value.Select(leaf => leaf.Revision)).Select(leaf => new RevisionRequest(pair.Key, leaf)))
                .ToList();

            // They come in the order asked for, so that one document at a time is held of those that are large.
            await using var read = base.ReadRevisionsAsync(missing, cancellationToken).GetAsyncEnumerator(cancellationToken);
            var more = missing.Count > 0 && await read.MoveNextAsync();
            foreach (var id in batch)
            {
                var leaves = held.GetValueOrDefault(id);
                for (; more && leaves is not null && read.Current.Id == id; more = await read.MoveNextAsync())
                {
                    memory.Add(read.Current);
                    leaves.Add(read.Current);
                }

                if (leaves is not null && leaves.Count == listed[id].Leaves.Count)
                {
                    yield return LeafSet.Of(id, leaves);
                }
                else
                {
                    // A copy that lags, or a leaf that went on between the two questions: the server is asked for the document itself.
                    await foreach (var set in base.ReadLeavesAsync([id], cancellationToken))
                    {
                        yield return set;
                    }
                }
            }
        }
    }
}
