using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>Reads all that is needed to decide conflicts: leaves, and the ancestors whose bodies are still there.</summary>
internal static class ConflictCases
{
    // Ancestors are asked for when this much is held: small documents share a request, and a few large ones do not fill the memory.
    private const long BytesHeld = 4 << 20;

    /// <summary>One case a document that exists.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="planner">Tells which ancestors are needed.</param>
    /// <param name="documents">The documents with the leaves that are known of them: where an earlier step read exactly these, they are not read again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async IAsyncEnumerable<ConflictCase> ReadAsync(
        ICouchSource source, ConflictPlanner planner, IReadOnlyList<LeafEntry> documents, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sets = new List<LeafSet>();
        var unread = new List<string>();
        foreach (var document in documents)
        {
            if (await source.RecallAsync(document.Id, document.Leaves, cancellationToken).ConfigureAwait(false) is { } recalled)
            {
                sets.Add(recalled);
            }
            else
            {
                unread.Add(document.Id);
            }
        }

        var held = 0L;
        await foreach (var set in source.ReadLeavesAsync(unread, cancellationToken).ConfigureAwait(false))
        {
            sets.Add(set);
            held += set.Leaves.Sum(leaf => (long)leaf.Body.Utf8.Length);
            if (held >= BytesHeld)
            {
                foreach (var conflict in await WithAncestorsAsync(source, planner, sets, cancellationToken).ConfigureAwait(false))
                {
                    yield return conflict;
                }

                sets.Clear();
                held = 0;
            }
        }

        foreach (var conflict in await WithAncestorsAsync(source, planner, sets, cancellationToken).ConfigureAwait(false))
        {
            yield return conflict;
        }
    }

    private static async Task<IReadOnlyList<ConflictCase>> WithAncestorsAsync(
        ICouchSource source, ConflictPlanner planner, List<LeafSet> sets, CancellationToken cancellationToken)
    {
        var requests = sets
            .SelectMany(set => planner.NeededAncestors(set).Select(revision => new RevisionRequest(set.Id, revision)))
            .ToList();
        var ancestors = new Dictionary<string, Dictionary<RevisionId, DocumentRevision>>(StringComparer.Ordinal);
        if (requests.Count > 0)
        {
            await foreach (var revision in source.ReadRevisionsAsync(requests, cancellationToken).ConfigureAwait(false))
            {
                if (!ancestors.TryGetValue(revision.Id, out var known))
                {
                    ancestors.Add(revision.Id, known = []);
                }

                known[revision.Revision] = revision;
            }
        }

        return [.. sets.Select(set => new ConflictCase(set, ancestors.GetValueOrDefault(set.Id) ?? []))];
    }
}
