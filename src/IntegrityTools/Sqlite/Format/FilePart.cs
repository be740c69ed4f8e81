namespace IntegrityTools.Sqlite.Format;

/// <summary>A stretch of a database that lies elsewhere in its file than it should: bytes before it were cut out, or put in.</summary>
/// <param name="Offset">Where it belongs.</param>
/// <param name="Stored">Where it is.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct FilePart(long Offset, long Stored, long Length);
