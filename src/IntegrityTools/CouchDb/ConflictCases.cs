using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>Reads all that is needed to decide conflicts: leaves, and the ancestors whose bodies are still there.</summary>
internal static class ConflictCases
{
    /// <summary>One case a document that exists, in the order of <paramref name="ids"/>.</summary>
    public static async IAsyncEnumerable<ConflictCase> ReadAsync(
        ICouchSource source, ConflictPlanner planner, IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sets = new List<LeafSet>(ids.Count);
        var requests = new List<RevisionRequest>();
        await foreach (var set in source.ReadLeavesAsync(ids, cancellationToken).ConfigureAwait(false))
        {
            sets.Add(set);
            requests.AddRange(planner.NeededAncestors(set).Select(revision => new RevisionRequest(set.Id, revision)));
        }

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

        foreach (var set in sets)
        {
            yield return new ConflictCase(set, ancestors.GetValueOrDefault(set.Id) ?? []);
        }
    }
}
