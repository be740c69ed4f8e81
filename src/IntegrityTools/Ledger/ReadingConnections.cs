using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>
/// Lends connections that read, to one reader at a time each, so that a long read holds up nobody. One is kept for the next reader: opening it costs
/// more than most questions do, since SQLite reads the definitions of all tables and triggers anew. A ledger
/// that has taken the name of the one before is opened anew (on Linux; Windows lets nobody replace an open file). Safe for use by several threads.
/// </summary>
internal sealed class ReadingConnections(string path) : IDisposable
{
    private readonly Lock gate = new();
    private Lent? kept;
    private bool closed;

    /// <summary>A connection, which its disposal gives back; null when there is no ledger yet.</summary>
    public Lent? Lend()
    {
        Lent? known;
        lock (gate)
        {
            (known, kept) = (kept, null);
        }

        var file = FileIdentity.Of(path);
        if (known is not null && known.File == file && File.Exists(path))
        {
            return known;
        }

        known?.Connection.Dispose();
        return LedgerConnection.OpenForReading(path, out var shadowed) is { } opened ? new Lent(this, opened, file, reusable: !shadowed) : null;
    }

    /// <summary>Closes what is kept; what is lent is closed when it comes back.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            kept?.Connection.Dispose();
            kept = null;
        }
    }

    private void TakeBack(Lent lent, bool reusable)
    {
        lock (gate)
        {
            if (reusable && !closed && kept is null)
            {
                kept = lent;
                return;
            }
        }

        lent.Connection.Dispose();
    }

    /// <summary>A connection that is in one reader's hands.</summary>
    internal sealed class Lent(ReadingConnections owner, SqliteConnection connection, (ulong Inode, ulong Device)? file, bool reusable) : IDisposable
    {
        /// <summary>The connection.</summary>
        public SqliteConnection Connection => connection;

        /// <summary>The file that had the ledger's name just before it was opened.</summary>
        public (ulong Inode, ulong Device)? File => file;

        /// <summary>Gives it back.</summary>
        public void Dispose() => owner.TakeBack(this, reusable);
    }
}
