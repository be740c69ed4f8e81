using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Scanning;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Opens the one connection of a repair that writes.</summary>
internal static class SqliteWriter
{
    private const int EnableForeignKeys = 1002;
    private const int EnableTriggers = 1003;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // Who has the database open keeps it open: only the end of a commit is worth waiting for.
    private static readonly TimeSpan LongestForAlone = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// A connection that changes exactly what it is told to: no trigger runs, nothing cascades, each commit is flushed, and no commit
    /// checkpoints, which beside another process is what the WAL-reset bug needs. Its closing may: SQLite then holds the file alone.
    /// </summary>
    /// <param name="path">The database.</param>
    /// <param name="alone">True to refuse a database that another process has open.</param>
    /// <exception cref="IntegrityException">Opening it would change it for good: a hot journal, a log that is damaged or another's.</exception>
    public static SqliteConnection Open(string path, bool alone)
    {
        var files = DatabaseFiles.Find(path);
        ThrowIfOpeningDestroys(files);
        return Open(files, alone);
    }

    /// <summary>The same for files of which it is known that opening them destroys nothing.</summary>
    /// <param name="files">The database.</param>
    /// <param name="alone">True to refuse a database that another process has open.</param>
    public static SqliteConnection Open(DatabaseFiles files, bool alone)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = files.Path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        try
        {
            connection.OpenFile(files.Path);
            _ = raw.sqlite3_db_config(connection.Handle, EnableForeignKeys, 0, out _);
            _ = raw.sqlite3_db_config(connection.Handle, EnableTriggers, 0, out _);
            BusyWait.Set(connection, alone ? LongestForAlone : Longest);
            if (alone)
            {
                connection.Run("PRAGMA locking_mode = EXCLUSIVE");
            }

            connection.Run("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Throws when opening a database to write would change it for good.</summary>
    /// <param name="files">The database.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>: a hot journal, a log that is damaged or another's.</exception>
    public static void ThrowIfOpeningDestroys(DatabaseFiles files)
    {
        if (LogChecks.Danger(files, LogChecks.OfLogAndJournal, CancellationToken.None) is { } danger)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, $"Nothing was repaired, since opening the database to write would change it for good. {danger}", files.Path,
                "See to that first, on a copy of all of its files.");
        }
    }
}
