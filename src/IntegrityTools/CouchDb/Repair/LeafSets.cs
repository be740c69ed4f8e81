using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Reads leaf sets for batches, and turns them into preconditions.</summary>
internal static class LeafSets
{
    private const int IdsAtOnce = 250;

    /// <summary>The leaves of the documents that exist, by id; read in parallel, since a batch is small enough to be held anyway.</summary>
    public static async Task<Dictionary<string, LeafSet>> ReadAsync(ICouchSource source, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var sets = new Dictionary<string, LeafSet>(StringComparer.Ordinal);
        var parts = ids.Distinct(StringComparer.Ordinal).Chunk(IdsAtOnce)
            .Select(part => Task.Run(() => source.ReadLeavesAsync(part, cancellationToken).ToListAsync(cancellationToken).AsTask(), cancellationToken))
            .ToList();
        foreach (var part in parts)
        {
            foreach (var set in await part.ConfigureAwait(false))
            {
                sets[set.Id] = set;
            }
        }

        return sets;
    }

    /// <summary>The precondition that names exactly these leaves.</summary>
    public static LeafSetPrecondition Precondition(LeafSet set) =>
        new([.. set.Leaves.OrderByDescending(leaf => leaf.Revision).Select(leaf => new LeafState(leaf.Revision.ToString(), leaf.Deleted))]);

    /// <summary>The leaf of that revision.</summary>
    public static DocumentRevision Leaf(this LeafSet set, string revision) =>
        set.Leaves.First(leaf => leaf.Revision.ToString() == revision);
}
