using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Repair;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Maintenance;

/// <summary>
/// Checkpoints a database in WAL mode. While the loaded library has the WAL-reset bug it does so only when nobody else has the database open: two connections that write
/// and checkpoint at one instant could lose part of the log.
/// </summary>
internal static class Checkpoint
{
    private const string Name = "checkpoint";

    /// <summary>Moves what it can of the log into the database, and then, when that was all and nobody reads it, empties the log. It waits for nobody, and tells what it left.</summary>
    /// <param name="files">The database, whose log is known to be its own.</param>
    /// <param name="force">True to do it beside others, whatever the library's bugs.</param>
    public static MaintenanceStep Run(DatabaseFiles files, bool force)
    {
        if (!files.HasWal)
        {
            return new MaintenanceStep(Name, MaintenanceOutcome.Nothing, "There is no -wal, or it is empty.");
        }

        var before = DatabaseFiles.LengthOf(files.Wal);
        var alone = !force && LibraryBug.WalReset.IsIn(Version.Parse(SqliteRuntime.Version));
        try
        {
            using var connection = SqliteWriter.Open(files, alone);
            if (alone)
            {
                // In WAL mode every process that has the database open holds a lock that this one cannot pass.
                connection.InTransaction(() => { });
            }

            raw.sqlite3_busy_timeout(connection.Handle, 0);
            var (busy, frames, moved) = Moved(connection, "PASSIVE");
            if (busy || moved < frames)
            {
                return new MaintenanceStep(Name, MaintenanceOutcome.Left, Told($"{Math.Max(0, moved):N0} of {Math.Max(0, frames):N0} pages were moved; a reader or a writer still needs the others. They are safe in the -wal."));
            }

            _ = Moved(connection, "TRUNCATE");
            return new MaintenanceStep(Name, MaintenanceOutcome.Done, Told($"The -wal's {before / 1e6:N1} MB are in the database.")
                + (DatabaseFiles.LengthOf(files.Wal) == 0 ? string.Empty : " The -wal keeps its length for now, since another process has it in use."));
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return new MaintenanceStep(Name, MaintenanceOutcome.Left, Told(
                $"Another process has the database open, and the loaded SQLite {SqliteRuntime.Version} has the {LibraryBug.WalReset.Name}: the -wal of {before / 1e6:N1} MB was left as it is. "
                + $"Name a newer library in {SqliteRuntime.LibraryVariable}, or let the application checkpoint itself."));
        }
    }

    private static (bool Busy, long Frames, long Moved) Moved(SqliteConnection connection, string mode)
    {
        using var command = connection.Prepare($"PRAGMA wal_checkpoint({mode})");
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0) != 0, reader.GetInt64(1), reader.GetInt64(2));
    }

    private static string Told(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Told(string text) => text;
}
