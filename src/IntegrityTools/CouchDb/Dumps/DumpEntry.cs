using IntegrityTools.CouchDb.Attachments;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>One thing in a dump.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Offset">Where it begins, in bytes of the uncompressed file.</param>
/// <param name="Bytes">A document's bytes; empty for what cannot be read. Good until the next entry is read.</param>
/// <param name="Fault">Why it cannot be read; null for a document.</param>
internal readonly record struct DumpEntry(long Line, long Offset, ReadOnlyMemory<byte> Bytes, string? Fault)
{
    /// <summary>Which value of its line it is, counted from 1; 0 for what is none.</summary>
    public long Place { get; init; }

    /// <summary>How long it is in the file.</summary>
    public long Length { get; init; }

    /// <summary>What of its attachments is not in <see cref="Bytes"/>, by their names.</summary>
    public IReadOnlyDictionary<string, HeldAttachment> Held { get; init; } = HeldAttachment.None;
}
