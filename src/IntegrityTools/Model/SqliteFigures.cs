namespace IntegrityTools.Model;

/// <summary>What is measured of a SQLite database alone.</summary>
public sealed record SqliteFigures
{
    /// <summary>Pages in the database.</summary>
    public required long Pages { get; init; }

    /// <summary>Bytes in a page.</summary>
    public required int PageSize { get; init; }

    /// <summary>wal or delete (any of the rollback modes).</summary>
    public required string JournalMode { get; init; }

    /// <summary>Bytes of the write-ahead log; 0: none.</summary>
    public required long WalSize { get; init; }

    /// <summary>Pages that hold nothing.</summary>
    public required long FreelistPages { get; init; }

    /// <summary>Their share of all pages, from 0 to 1.</summary>
    public double FreelistShare => Pages == 0 ? 0 : (double)FreelistPages / Pages;

    /// <summary>Of the leaf pages of tables and indexes the share that does not follow its predecessor in the file, from 0 to 1; null when it cannot be told.</summary>
    public double? Fragmentation { get; init; }

    /// <summary>When a scan last looked at all pages and indexes and found them sound, UTC; null: not known.</summary>
    public DateTimeOffset? LastGoodCheck { get; init; }

    /// <summary>How the application flushes (<c>synchronous</c>), by the store's configured connection; null: no file keeps it, so it is not known.</summary>
    public string? Synchronous { get; init; }

    /// <summary>The loaded SQLite.</summary>
    public required string LoadedVersion { get; init; }

    /// <summary>The SQLite that wrote last, when the file notes it.</summary>
    public string? WriterVersion { get; init; }
}
