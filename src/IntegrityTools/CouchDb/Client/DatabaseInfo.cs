namespace IntegrityTools.CouchDb.Client;

/// <summary>What a server tells about a database.</summary>
/// <param name="Name">The database's name.</param>
/// <param name="Documents">Documents that are not deleted.</param>
/// <param name="DeletedDocuments">Deleted documents that the server still knows; null when it does not tell.</param>
/// <param name="UpdateSequence">The update sequence, an opaque text.</param>
/// <param name="FileSize">Bytes on disk; null when it does not tell.</param>
/// <param name="ActiveSize">Bytes of live data; null when it does not tell.</param>
/// <param name="ExternalSize">Bytes of the documents uncompressed; null when it does not tell.</param>
/// <param name="Incarnation">What tells it from a database of the same name that was made before or after; null when it does not tell.</param>
/// <param name="CompactRunning">True while a compaction runs.</param>
/// <param name="Partitioned">True when it keeps documents by partitions.</param>
/// <param name="PurgeSequence">How often documents were purged from it, an opaque text; null when it does not tell.</param>
internal sealed record DatabaseInfo(
    string Name, long Documents, long? DeletedDocuments, string? UpdateSequence, long? FileSize, long? ActiveSize, long? ExternalSize,
    string? Incarnation = null, bool CompactRunning = false, bool Partitioned = false, string? PurgeSequence = null);
