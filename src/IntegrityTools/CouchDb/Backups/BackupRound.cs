namespace IntegrityTools.CouchDb.Backups;

/// <summary>A stretch of the leaf feed that is saved as a whole.</summary>
/// <param name="Documents">Its documents.</param>
/// <param name="Sequence">The update sequence up to which they go: a later run goes on after it.</param>
/// <param name="Last">True when the feed ends with it.</param>
internal sealed record BackupRound(IReadOnlyList<LeafEntry> Documents, string? Sequence, bool Last);
