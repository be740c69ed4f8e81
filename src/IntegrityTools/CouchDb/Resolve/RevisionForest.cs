using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Which leaves part where: the revisions at which live branches separate, the deepest first.</summary>
internal sealed class RevisionForest
{
    private readonly Dictionary<RevisionId, RevisionId?> _parents = [];
    private readonly HashSet<RevisionId> _forks = [];

    /// <summary>Reads the histories of the given leaves.</summary>
    public RevisionForest(IEnumerable<DocumentRevision> leaves)
    {
        var children = new Dictionary<RevisionId, int>();
        foreach (var leaf in leaves)
        {
            for (var index = 0; index < leaf.History.Count; index++)
            {
                RevisionId? parent = index + 1 < leaf.History.Count ? leaf.History[index + 1] : null;
                var known = _parents.TryGetValue(leaf.History[index], out var before);
                if (known && (before is not null || parent is null))
                {
                    break;
                }

                // A history that was cut can be continued by another leaf's.
                _parents[leaf.History[index]] = parent;
                if (parent is { } there && (children[there] = children.GetValueOrDefault(there) + 1) > 1)
                {
                    _forks.Add(there);
                }
            }
        }

        Forks = [.. _forks.OrderDescending()];
    }

    /// <summary>Revisions from which more than one branch goes on, the deepest first.</summary>
    public IReadOnlyList<RevisionId> Forks { get; }

    /// <summary>The nearest fork above a revision; null when its branch stands alone.</summary>
    public RevisionId? ForkAbove(RevisionId revision)
    {
        var at = _parents.GetValueOrDefault(revision);
        while (at is { } there && !_forks.Contains(there))
        {
            at = _parents.GetValueOrDefault(there);
        }

        return at;
    }

    /// <summary>The deepest revision that two histories share; null when they share none.</summary>
    public static RevisionId? Shared(DocumentRevision left, DocumentRevision right)
    {
        var known = left.History.ToHashSet();
        foreach (var revision in right.History)
        {
            if (known.Contains(revision))
            {
                return revision;
            }
        }

        return null;
    }
}
