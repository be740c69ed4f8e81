using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Reading;

/// <summary>Tells a journal that a dead process left from the one of a transaction that is under way.</summary>
internal static class HotJournal
{
    /// <summary>False for the journal of a transaction that is under way: SQLite itself tells one from the other, and rolls nothing back for who may only read.</summary>
    public static bool Is(DatabaseFiles files)
    {
        SqliteRuntime.Initialize();
        using var look = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = files.Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            look.OpenFile(files.Path);
            look.Run("PRAGMA schema_version");
            return false;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }
        catch (SqliteException)
        {
            return true;
        }
    }
}
