namespace IntegrityTools.CouchDb.Storage;

/// <summary>What a server tells about the index of a design document. Asking builds nothing.</summary>
/// <param name="FileSize">Bytes of its files.</param>
/// <param name="ActiveSize">Bytes in them that are in use.</param>
/// <param name="Pending">Changes of the database that it has not seen, by the copies that have seen the most.</param>
/// <param name="PendingInAll">The same, of all copies together.</param>
/// <param name="Seen">Changes that it has seen.</param>
/// <param name="UpdaterRunning">True while it is brought up to date.</param>
/// <param name="CompactRunning">True while it is compacted.</param>
/// <param name="Signature">What tells it from the index of another definition.</param>
internal sealed record IndexState(long FileSize, long ActiveSize, long Pending, long PendingInAll, long Seen, bool UpdaterRunning, bool CompactRunning, string? Signature);
