namespace IntegrityTools.CouchDb.Dumps;

/// <summary>How much of an unfinished dump is on disk and whole.</summary>
/// <param name="Length">Its bytes.</param>
/// <param name="Revisions">The revisions in them.</param>
/// <param name="HasAttachments">Whether one of them holds an attachment's data.</param>
internal sealed record DumpCheckpoint(long Length, long Revisions, bool HasAttachments);
