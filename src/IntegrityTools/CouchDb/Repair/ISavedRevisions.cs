using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Reads back what was saved before a repair.</summary>
internal interface ISavedRevisions
{
    /// <summary>The saved revisions, with their attachments' data.</summary>
    /// <exception cref="IntegrityException">The backup is gone, damaged, or does not hold one of them.</exception>
    Task<IReadOnlyDictionary<RevisionRequest, DocumentRevision>> ReadAsync(
        string backupPath, IReadOnlyList<RevisionRequest> requests, CancellationToken cancellationToken);
}
