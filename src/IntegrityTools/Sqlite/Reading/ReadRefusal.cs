using IntegrityTools.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Reading;

/// <summary>Turns SQLite's refusal to read into a designed error.</summary>
internal static class ReadRefusal
{
    /// <summary>Reads.</summary>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreUnavailable"/>: another process keeps it locked; <see cref="ErrorIds.OperationFailed"/>: anything else.</exception>
    public static T Told<T>(string path, Func<T> read, CancellationToken cancellationToken)
    {
        try
        {
            return BusyWait.Run(read, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw From(exception, path);
        }
    }

    /// <summary>The error.</summary>
    public static IntegrityException From(SqliteException exception, string path) => exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED
        ? new IntegrityException(
            ErrorIds.StoreUnavailable, "Another process keeps the database locked.", path, "Wait until its transaction has ended, or end that process, and run the command again.", exception)
        : new IntegrityException(
            ErrorIds.OperationFailed, $"SQLite refused to read: {exception.Message.TrimEnd('.')}.", path, "Scan the database: it tells what is damaged, and what only the application can read.", exception);
}
