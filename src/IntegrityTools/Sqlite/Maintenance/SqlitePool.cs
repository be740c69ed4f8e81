using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Repair;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Maintenance;

/// <summary>
/// The connections that we hold to one database of somebody else's: few, since each is another that can hold up its application, with one writer among them, and
/// fewer still left open between uses.
/// </summary>
/// <param name="path">The database.</param>
/// <param name="mostOpen">How many are open at a time, at most.</param>
/// <param name="mostIdle">How many stay open unused.</param>
internal sealed class SqlitePool(string path, int mostOpen, int mostIdle) : IDisposable
{
    private const int NoCheckpointOnClose = 1006;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim open = new(mostOpen, mostOpen);
    private readonly SemaphoreSlim writer = new(1, 1);
    private readonly Stack<SqliteConnection> idle = [];

    /// <summary>How many connections are open and unused.</summary>
    public int Idle
    {
        get
        {
            lock (idle)
            {
                return idle.Count;
            }
        }
    }

    /// <summary>Lends a connection; waits while too many are lent, or while another writes. Giving it back takes back what was not committed.</summary>
    /// <param name="write">True for the one that may write.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="IntegrityException">Opening the database would change it for good.</exception>
    public async Task<PooledConnection> RentAsync(bool write, CancellationToken cancellationToken)
    {
        if (write)
        {
            await writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var counted = false;
        try
        {
            await open.WaitAsync(cancellationToken).ConfigureAwait(false);
            counted = true;
            SqliteConnection? connection;
            lock (idle)
            {
                idle.TryPop(out connection);
            }

            connection ??= Open();
            connection.Run($"PRAGMA query_only = {(write ? "OFF" : "ON")}");
            return new PooledConnection(connection, () => Return(connection, write));
        }
        catch
        {
            if (counted)
            {
                open.Release();
            }

            if (write)
            {
                writer.Release();
            }

            throw;
        }
    }

    /// <summary>Closes the connections that nobody uses.</summary>
    public void CloseIdle()
    {
        lock (idle)
        {
            while (idle.TryPop(out var connection))
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>Writes the log back into the database and empties it, closes, and tells what could not be done.</summary>
    public MaintenanceStep Close()
    {
        CloseIdle();
        var step = Checkpoint.Run(path, Checkpoint.Truncate, force: false) with { Name = "close" };
        return open.CurrentCount == mostOpen ? step : step with
        {
            Outcome = MaintenanceOutcome.Left,
            Message = $"{mostOpen - open.CurrentCount} connections are still in use, and the log stays for them. {step.Message}",
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseIdle();
        open.Dispose();
        writer.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = SqliteWriter.Open(path, alone: false);

        // Its work is done again some time later: nobody has to wait for it for long.
        BusyWait.Set(connection, Longest);

        // The checkpoint is a step of its own, which tells what it did.
        _ = SQLitePCL.raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, 1, out _);
        return connection;
    }

    private void Return(SqliteConnection connection, bool write)
    {
        var kept = false;
        try
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                connection.Run("ROLLBACK");
            }

            lock (idle)
            {
                if (idle.Count < mostIdle)
                {
                    idle.Push(connection);
                    kept = true;
                }
            }
        }
        finally
        {
            if (!kept)
            {
                connection.Dispose();
            }

            open.Release();
            if (write)
            {
                writer.Release();
            }
        }
    }
}
