namespace IntegrityTools.CouchDb.Revisions;

/// <summary>What the histories of several leaves say of the tree they stand in.</summary>
internal static class RevisionTree
{
    /// <summary>The deepest revision that all histories share; null when they share none.</summary>
    public static RevisionId? CommonAncestor(IEnumerable<DocumentRevision> leaves)
    {
        HashSet<RevisionId>? shared = null;
        foreach (var leaf in leaves)
        {
            if (shared is null)
            {
                shared = [.. leaf.History];
            }
            else
            {
                shared.IntersectWith(leaf.History);
            }
        }

        return shared is { Count: > 0 } ? shared.Max() : null;
    }

    /// <summary>
    /// Every revision from which two of the leaves part, deepest first: the common ancestors of all pairs, in time linear in the
    /// histories rather than in the pairs.
    /// </summary>
    public static IReadOnlyList<RevisionId> BranchPoints(IEnumerable<DocumentRevision> leaves)
    {
        var children = new Dictionary<RevisionId, RevisionId>();
        var points = new HashSet<RevisionId>();
        foreach (var leaf in leaves)
        {
            for (var index = 1; index < leaf.History.Count; index++)
            {
                var parent = leaf.History[index];
                var child = leaf.History[index - 1];
                if (!children.TryAdd(parent, child))
                {
                    if (children[parent] != child)
                    {
                        points.Add(parent);
                    }
                    else
                    {
                        break; // From here on the way to the root is known.
                    }
                }
            }
        }

        return [.. points.OrderDescending()];
    }

    /// <summary>For each leaf the oldest revision of its history that no other leaf shares: what names its branch for as long as it grows.</summary>
    public static IReadOnlyList<RevisionId> BranchRoots(IReadOnlyList<DocumentRevision> leaves)
    {
        var times = new Dictionary<RevisionId, int>();
        foreach (var revision in leaves.SelectMany(leaf => leaf.History))
        {
            times[revision] = times.GetValueOrDefault(revision) + 1;
        }

        return [.. leaves.Select(leaf => leaf.History.LastOrDefault(revision => times[revision] == 1, leaf.Revision))];
    }

    /// <summary>True when a deleted leaf took away what a live one goes on with: its parent is in the live one's history.</summary>
    public static bool DeletesAncestorOf(DocumentRevision deleted, DocumentRevision live) =>
        deleted.Parent is { } parent && live.History.Contains(parent);
}
