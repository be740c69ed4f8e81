namespace IntegrityTools.Tests.Engines;

/// <summary>One thing that SQLite asked of the file system.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">Of which file; of a mark, its text.</param>
/// <param name="Offset">Where a write begins, or the new size.</param>
/// <param name="Data">What is written.</param>
internal sealed record SqliteWrite(SqliteWriteKind Kind, string Path, long Offset, byte[] Data);
