namespace IntegrityTools.Sqlite.Format;

/// <summary>What of a write-ahead log or a rollback journal beside a damaged database is taken.</summary>
public enum LogUse
{
    /// <summary>What SQLite itself would take, unless it is older than the database, another's, or a journal that may be another's.</summary>
    Committed,

    /// <summary>Nothing: the database as it stands.</summary>
    Ignore,

    /// <summary>All that passes its own check: behind a damaged frame or record, of an older log, and of one without header, too.</summary>
    Everything,
}
