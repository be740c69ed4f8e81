using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>
/// Revisions that one step has read, held for the next: what stands under a revision's name never changes in one database, so a plan's bodies are
/// those of its backup. Bounded; what does not fit is read again. Safe for use by several threads.
/// </summary>
internal sealed class RevisionMemory
{
    private const long MostBytes = 64 << 20;
    private const int LargestBody = 64 << 10;

    // What an entry takes beside its body: objects, keys and a short history.
    private const int Overhead = 600;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Known> documents = new(StringComparer.Ordinal);
    private long bytes;
    private string? database;

    /// <summary>Lets go of what was read of a database that was deleted since: in one made anew other bodies may have the same names.</summary>
    /// <param name="incarnation">What tells the present one from it; null when the server does not tell.</param>
    public void KeepOnlyOf(string? incarnation)
    {
        lock (gate)
        {
            if (database != incarnation)
            {
                Clear();
                database = incarnation;
            }
        }
    }

    /// <summary>True when something of the document is held.</summary>
    public bool Knows(string id)
    {
        lock (gate)
        {
            return documents.ContainsKey(id);
        }
    }

    /// <summary>The revision, if it is held.</summary>
    public DocumentRevision? Find(string id, RevisionId revision)
    {
        lock (gate)
        {
            return documents.TryGetValue(id, out var known) ? known.Revisions.GetValueOrDefault(revision) : null;
        }
    }

    /// <summary>Holds a revision, if there is room.</summary>
    public void Add(DocumentRevision revision)
    {
        lock (gate)
        {
            var size = revision.Body.Utf8.Length + Overhead;
            if (size <= LargestBody && bytes + size <= MostBytes && Of(revision.Id).Revisions.TryAdd(revision.Revision, revision))
            {
                bytes += size;
            }
        }
    }

    /// <summary>Notes that a revision was written here, in the place of its parent.</summary>
    public void Wrote(string id, RevisionId parent, RevisionId written)
    {
        lock (gate)
        {
            var known = Of(id);
            known.Written.Remove(parent);
            known.Written.Add(written);
        }
    }

    /// <summary>True when the listed leaves hold all that was written here: one copy of a shard may lag behind what a quorum has taken.</summary>
    public bool IsCurrent(LeafEntry listed)
    {
        lock (gate)
        {
            return !documents.TryGetValue(listed.Id, out var known) || known.Written.All(listed.Leaves.Contains);
        }
    }

    /// <summary>Lets go of everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            documents.Clear();
            bytes = 0;
        }
    }

    private Known Of(string id)
    {
        if (!documents.TryGetValue(id, out var known))
        {
            documents.Add(id, known = new Known([], []));
        }

        return known;
    }

    private sealed record Known(Dictionary<RevisionId, DocumentRevision> Revisions, HashSet<RevisionId> Written);
}
