namespace IntegrityTools.Sqlite.Format;

/// <summary>What of a write-ahead log beside a damaged database is taken.</summary>
public enum WalUse
{
    /// <summary>What SQLite itself would take: the commits before the first frame that fails its check, unless the log is older than the file or another's.</summary>
    Committed,

    /// <summary>Nothing: the file as it stands.</summary>
    Ignore,

    /// <summary>Every frame of a commit that passes its own check, those behind a damaged frame, of an older log and of a log without header included.</summary>
    Everything,
}
