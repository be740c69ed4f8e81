using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Maintenance;

/// <summary>A connection on loan from a pool.</summary>
/// <param name="connection">The connection.</param>
/// <param name="giveBack">Gives it back.</param>
internal sealed class PooledConnection(SqliteConnection connection, Action giveBack) : IDisposable
{
    private Action? giveBack = giveBack;

    /// <summary>The connection.</summary>
    public SqliteConnection Connection => connection;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref giveBack, null)?.Invoke();
}
