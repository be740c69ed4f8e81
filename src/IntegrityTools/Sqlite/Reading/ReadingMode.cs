namespace IntegrityTools.Sqlite.Reading;

/// <summary>How a database is read without leaving a trace.</summary>
internal enum ReadingMode
{
    /// <summary>The file as it stands, without locks: nothing is in a log. What is found counts only if no file moved meanwhile.</summary>
    Immutable,

    /// <summary>Beside others, in one snapshot, through the log's index that is there, which is read and not written.</summary>
    Shared,

    /// <summary>Under a reader's lock, which holds up writers of a database in rollback mode until the scan is done.</summary>
    Locked,

    /// <summary>A copy of the file and of its log or journal: SQLite could not read the files without changing them.</summary>
    Copy,
}
