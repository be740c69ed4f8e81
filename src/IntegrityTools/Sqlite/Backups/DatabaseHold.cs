using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Keeps every other process out of a database while its file is replaced.</summary>
internal sealed class DatabaseHold : IDisposable
{
    private readonly DatabaseFiles files;
    private SqliteConnection? alone;

    private DatabaseHold(DatabaseFiles files) => this.files = files;

    /// <summary>
    /// Takes hold of a database. One that SQLite cannot open without changing it, since it is damaged, encrypted or left with a hot journal, is
    /// read as it is, without a lock.
    /// </summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>: another process has it open.</exception>
    public static DatabaseHold Take(DatabaseFiles files)
    {
        var hold = new DatabaseHold(files);
        try
        {
            // Read only first: that fails where opening it for writing would roll back what a dead process left, and so change what is to be saved.
            if (files.Refusal() is null && hold.Tried(() =>
            {
                using var look = SqliteContent.Open(files.Path, SqliteOpenMode.ReadOnly, busySeconds: 1);
                _ = SqliteContent.Number(look, "schema_version");
            }))
            {
                hold.Tried(hold.Lock);
            }

            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Has SQLite bring all that stands in a log or a hot journal into the file itself, so that the file is complete without them. What
    /// SQLite cannot make sense of stays as it is.
    /// </summary>
    public void Settle()
    {
        if (alone is null && (files.Refusal() is not null || !Tried(Lock)))
        {
            return;
        }

        Tried(() =>
        {
            using var command = alone!.Prepare("PRAGMA journal_mode = DELETE");
            command.ExecuteNonQuery();
        });
    }

    /// <inheritdoc/>
    public void Dispose() => alone?.Dispose();

    private void Lock()
    {
        var connection = SqliteContent.Open(files.Path, SqliteOpenMode.ReadWrite, busySeconds: 1);
        try
        {
            connection.Run("PRAGMA locking_mode = EXCLUSIVE");
            connection.Run("BEGIN EXCLUSIVE");
            connection.Run("ROLLBACK");
            alone = connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private bool Tried(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, "Another process has the database open; it would go on with the old file.", files.Path,
                "Stop what uses it, then run the command again.", failure);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_IOERR)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed, $"The database could not be replaced: {failure.Message}", files.Path, "Make room, then resume the execution.", failure);
        }
        catch (SqliteException)
        {
            return false; // Damaged, or left by a dead process: that may be why it is restored.
        }
    }
}
