namespace IntegrityTools.CouchDb.Revisions;

/// <summary>All leaves of one document, deleted ones included.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Leaves">Live leaves first, then deleted ones; each by generation and hash descending, so that the first is the winner.</param>
public sealed record LeafSet(string Id, IReadOnlyList<DocumentRevision> Leaves)
{
    /// <summary>The leaf that CouchDB returns for the document.</summary>
    public DocumentRevision Winner => Leaves[0];

    /// <summary>Leaves that are not tombstones.</summary>
    public IEnumerable<DocumentRevision> Live => Leaves.Where(leaf => !leaf.Deleted);

    /// <summary>Which leaf each revision that the store remembers led to, the first where several did: asked leaf by leaf, a thousand of them would take minutes.</summary>
    public IReadOnlyDictionary<RevisionId, DocumentRevision> Descent()
    {
        var grown = new Dictionary<RevisionId, DocumentRevision>();
        foreach (var leaf in Leaves)
        {
            foreach (var revision in leaf.History)
            {
                grown.TryAdd(revision, leaf);
            }
        }

        return grown;
    }

    /// <summary>Orders leaves as CouchDB does when it picks the winner.</summary>
    public static LeafSet Of(string id, IEnumerable<DocumentRevision> leaves)
    {
        var ordered = leaves.ToList();
        ordered.Sort(static (one, other) => one.Deleted == other.Deleted ? other.Revision.CompareTo(one.Revision) : one.Deleted ? 1 : -1);
        return new LeafSet(id, ordered);
    }
}
