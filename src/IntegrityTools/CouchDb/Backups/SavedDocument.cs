using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>One document of a backup: its leaves and the ancestors that were saved with them.</summary>
internal sealed class SavedDocument : IDisposable
{
    private readonly HashSet<RevisionId> known;

    public SavedDocument(IReadOnlyList<DocumentRevision> revisions, string path)
    {
        Path = path;
        Revisions = revisions;
        Leaves = DumpSource.LeavesOf(revisions);
        known = [.. revisions.SelectMany(revision => revision.History)];
    }

    /// <summary>The document's id.</summary>
    public string Id => Revisions[0].Id;

    /// <summary>The file that holds it.</summary>
    public string Path { get; }

    /// <summary>All revisions, ancestors first.</summary>
    public IReadOnlyList<DocumentRevision> Revisions { get; }

    /// <summary>The leaves.</summary>
    public IReadOnlyList<DocumentRevision> Leaves { get; }

    /// <summary>Its bytes, in memory and outside.</summary>
    public long Length => Revisions.Sum(revision => revision.Body.Utf8.Length + revision.Held.Values.Sum(attachment => attachment.Length));

    /// <summary>True when attachments of it are held outside memory: its revisions are then written one by one.</summary>
    public bool IsLarge => Revisions.Any(revision => revision.Held.Count > 0);

    /// <summary>True when some of its revisions are there, and nothing else.</summary>
    public bool IsPartlyIn(LeafSet there) => !IsIn(there) && there.Leaves.All(leaf => Revisions.Any(saved => saved.Revision == leaf.Revision));

    /// <summary>True when all of its leaves are there, whatever others have written since.</summary>
    public bool HasArrivedIn(LeafSet there) => IsIn(there) || (!IsPartlyIn(there) && Leaves.All(leaf => there.Leaves.Any(present => present.History.Contains(leaf.Revision))));

    /// <summary>True when others wrote to it there, and some of its leaves are in no branch there.</summary>
    public bool HasGoneAnotherWay(LeafSet there) => !HasArrivedIn(there) && !IsPartlyIn(there);

    /// <summary>True when a dump that another program made names attachments and has not their data.</summary>
    public bool LacksAttachments => Revisions.Any(AttachmentStubs.AreIn);

    /// <summary>Frees the data of its attachments.</summary>
    public void Dispose()
    {
        foreach (var revision in Revisions)
        {
            revision.Release();
        }
    }

    /// <summary>True when nothing of this document is missing or newer there.</summary>
    public bool IsIn(LeafSet there) => there.Leaves.Select(leaf => leaf.Revision).ToHashSet().SetEquals(Leaves.Select(leaf => leaf.Revision));

    /// <summary>The leaves there that grew after the backup, or beside it: writing this document would put them in doubt.</summary>
    public IEnumerable<DocumentRevision> NewerIn(LeafSet there) => there.Leaves.Where(leaf => !known.Contains(leaf.Revision));

    /// <summary>True when a reader finds there what the backup has, though under other revisions: the same live bodies, the same one winning.</summary>
    public bool ReadsAs(LeafSet there)
    {
        var live = LeafSet.Of(Id, Leaves).Live.ToList();
        var present = there.Live.ToList();
        return live.Count == present.Count && (live.Count == 0 || Same(live[0], present[0]))
            && live.Skip(1).All(leaf => present.Skip(1).Count(other => Same(leaf, other)) == live.Skip(1).Count(other => Same(leaf, other)));
    }

    private static bool Same(DocumentRevision one, DocumentRevision other) =>
        AttachmentIdentity.AreSame(one, other) && DocumentText.Digest(one.Body) == DocumentText.Digest(other.Body);
}
