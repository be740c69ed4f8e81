using IntegrityTools.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Turns SQLite's refusal to write into a designed error.</summary>
internal static class WriteRefusal
{
    /// <summary>The error.</summary>
    /// <param name="exception">What SQLite said.</param>
    /// <param name="path">The database.</param>
    /// <param name="again">What to do once the cause is gone.</param>
    public static IntegrityException From(SqliteException exception, string path, string again = "resume the execution") => new(
        exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED ? ErrorIds.StoreUnavailable : ErrorIds.OperationFailed,
        // Not always taken back: of a commit whose flush failed, SQLite's log may hold all the same.
        $"SQLite refused to write: {exception.Message.TrimEnd('.')}. The transaction under way is there whole or not at all.",
        path,
        exception.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"Wait until the other process has ended its transaction, then {again}.",
            raw.SQLITE_FULL => $"Make room on the disk, then {again}.",

            // SQLite shares the log's index among all connections of a process: one that a scan has opened to read cannot be written by any.
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => $"Give the right to write to the file and its folder, or wait until no other job of this process scans the database, then {again}.",
            _ => $"Scan the database; when it is sound, {again}.",
        },
        exception);
}
