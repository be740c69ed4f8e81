namespace IntegrityTools.Tests.Engines;

/// <summary>What SQLite asks of the file system.</summary>
internal enum SqliteWriteKind
{
    /// <summary>Bytes at a place.</summary>
    Write,

    /// <summary>A new length.</summary>
    Truncate,

    /// <summary>A flush to disk.</summary>
    Sync,

    /// <summary>The file's removal.</summary>
    Delete,

    /// <summary>A moment of the test itself.</summary>
    Mark,
}
