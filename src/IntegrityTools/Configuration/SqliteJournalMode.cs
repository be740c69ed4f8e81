namespace IntegrityTools.Configuration;

/// <summary>The journal modes that a database keeps.</summary>
public enum SqliteJournalMode
{
    /// <summary>A write-ahead log: readers and one writer do not hold each other up.</summary>
    Wal,

    /// <summary>A rollback journal, deleted after each transaction.</summary>
    Delete,
}
