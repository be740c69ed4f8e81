namespace IntegrityTools.Configuration;

/// <summary>How thoroughly SQLite checks a database's pages.</summary>
public enum SqliteCheck
{
    /// <summary>integrity_check: pages, rows, and every index against its table.</summary>
    Integrity,

    /// <summary>quick_check: pages and rows; indexes are not held against their tables.</summary>
    Quick,
}
