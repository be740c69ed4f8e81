namespace IntegrityTools.CouchDb.Dumps;

/// <summary>One thing in a dump.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Offset">Where it begins, in bytes of the uncompressed file.</param>
/// <param name="Bytes">A document's bytes; empty for what cannot be read. Good until the next entry is read.</param>
/// <param name="Fault">Why it cannot be read; null for a document.</param>
internal readonly record struct DumpEntry(long Line, long Offset, ReadOnlyMemory<byte> Bytes, string? Fault);
