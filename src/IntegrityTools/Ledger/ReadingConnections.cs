using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>
/// Lends connections that read, to one reader at a time each, so that a long read holds up nobody. One is kept for the next reader: opening it costs
/// more than most questions do, since SQLite reads the definitions of all tables and triggers anew. Safe for use by several threads.
/// </summary>
internal sealed class ReadingConnections(string path) : IDisposable
{
    private readonly Lock gate = new();
    private SqliteConnection? kept;
    private bool closed;

    /// <summary>A connection, which its disposal gives back; null when there is no ledger yet.</summary>
    public Lent? Lend()
    {
        SqliteConnection? connection;
        lock (gate)
        {
            (connection, kept) = (kept, null);
        }

        if (connection is not null && File.Exists(path))
        {
            return new Lent(this, connection, reusable: true);
        }

        connection?.Dispose();
        return LedgerConnection.OpenForReading(path, out var shadowed) is { } opened ? new Lent(this, opened, reusable: !shadowed) : null;
    }

    /// <summary>Closes what is kept; what is lent is closed when it comes back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            kept?.Dispose();
            kept = null;
        }
    }

    private void TakeBack(SqliteConnection connection, bool reusable)
    {
        lock (gate)
        {
            if (reusable && !closed && kept is null)
            {
                kept = connection;
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>A connection that is in one reader's hands.</summary>
    internal sealed class Lent(ReadingConnections owner, SqliteConnection connection, bool reusable) : IDisposable
    {
        /// <summary>The connection.</summary>
        public SqliteConnection Connection => connection;

        /// <summary>Gives it back.</summary>
        public void Dispose() => owner.TakeBack(connection, reusable);
    }
}
