using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>A stretch of the leaf feed that is saved as a whole.</summary>
/// <param name="Documents">Its documents.</param>
/// <param name="Sequence">The update sequence up to which they go: a later run goes on after it.</param>
/// <param name="Last">True when the feed ends with it.</param>
internal sealed record BackupRound(IReadOnlyList<LeafEntry> Documents, string? Sequence, bool Last)
{
    /// <summary>
    /// Its documents in the order of their ids, in which the server finds neighbours together: in another one, such as that of random ids as they were written, it goes through its
    /// index for each. Design documents come last: a restore writes in about this order, and their functions may refuse what was there before them.
    /// </summary>
    public IEnumerable<LeafEntry> InOrder() => Documents
        .OrderBy(entry => entry.Id.StartsWith(CouchNames.DesignDocuments, StringComparison.Ordinal)).ThenBy(entry => entry.Id, StringComparer.Ordinal);
}
