using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>One document of a backup: its leaves and the ancestors that were saved with them.</summary>
internal sealed class SavedDocument
{
    private readonly HashSet<RevisionId> known;

    public SavedDocument(IReadOnlyList<DocumentRevision> revisions)
    {
        Revisions = revisions;
        Leaves = DumpSource.LeavesOf(revisions);
        known = [.. revisions.SelectMany(revision => revision.History)];
    }

    /// <summary>The document's id.</summary>
    public string Id => Revisions[0].Id;

    /// <summary>All revisions, ancestors first.</summary>
    public IReadOnlyList<DocumentRevision> Revisions { get; }

    /// <summary>The leaves.</summary>
    public IReadOnlyList<DocumentRevision> Leaves { get; }

    /// <summary>Its bytes.</summary>
    public long Length => Revisions.Sum(revision => (long)revision.Body.Utf8.Length);

    /// <summary>True when nothing of this document is missing or newer there.</summary>
    public bool IsIn(LeafSet there) => there.Leaves.Select(leaf => leaf.Revision).ToHashSet().SetEquals(Leaves.Select(leaf => leaf.Revision));

    /// <summary>The leaves there that grew after the backup, or beside it: writing this document would put them in doubt.</summary>
    public IEnumerable<DocumentRevision> NewerIn(LeafSet there) => there.Leaves.Where(leaf => !known.Contains(leaf.Revision));

    /// <summary>The leaf of the backup from which a newer one grew; null when its branch is not in the backup.</summary>
    public DocumentRevision? BaseOf(DocumentRevision newer) => Leaves.FirstOrDefault(leaf => newer.History.Contains(leaf.Revision));
}
