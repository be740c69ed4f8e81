using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// Merges all live leaves of a document: those that parted last first. Their merge then stands for them where they parted from the rest;
/// measuring all leaves against one ancestor would count shared increments twice and call shared edits conflicts.
/// </summary>
internal static class LeafMerge
{
    /// <summary>Merges the leaves on the ground of the winner.</summary>
    public static (MergeVersion Result, DocumentMerge Merge) Of(
        IReadOnlyList<DocumentRevision> live, IReadOnlyDictionary<RevisionId, DocumentRevision> ancestors, MergeVersions versions, MergeRules rules)
    {
        var merge = new DocumentMerge(rules);
        var forest = new RevisionForest(live);
        var waiting = forest.Forks.ToDictionary(fork => fork, _ => new List<Branch>());
        var roots = new List<Branch>();
        foreach (var leaf in live)
        {
            Place(new Branch(leaf.Revision, versions.Of(leaf)), leaf.Revision);
        }

        foreach (var fork in forest.Forks)
        {
            if (waiting[fork].Count > 0)
            {
                Place(Fold(Known(fork), waiting[fork]), fork);
            }
        }

        return (Fold(default, roots).Version, merge);

        void Place(Branch branch, RevisionId under) => (forest.ForkAbove(under) is { } fork ? waiting[fork] : roots).Add(branch);

        // Where a fork's own body is gone, the nearest fork above it still tells what a leaf removed.
        (MergeVersion? Version, bool Outer) Known(RevisionId fork)
        {
            for (RevisionId? at = fork; at is { } there; at = forest.ForkAbove(there))
            {
                if (ancestors.TryGetValue(there, out var revision))
                {
                    return (versions.Of(revision), there != fork);
                }
            }

            return default;
        }

        Branch Fold((MergeVersion? Version, bool Outer) ancestor, List<Branch> branches)
        {
            branches.Sort((one, other) => other.Best.CompareTo(one.Best));
            // In rounds of pairs: against one ancestor the order is free, and no version is copied once for every other leaf.
            while (branches.Count > 1)
            {
                branches = [.. branches.Chunk(2).Select(pair => pair.Length == 1
                    ? pair[0]
                    : pair[0] with { Version = merge.Merge(ancestor.Version, pair[0].Version, pair[1].Version, ancestor.Outer) })];
            }

            return branches[0];
        }
    }

    /// <summary>A branch and the leaf of it that CouchDB would pick: it decides which side a merge is built on.</summary>
    private sealed record Branch(RevisionId Best, MergeVersion Version);
}
