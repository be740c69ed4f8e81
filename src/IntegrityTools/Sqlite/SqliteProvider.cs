using IntegrityTools.Configuration;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite;

/// <summary>Opens SQLite databases.</summary>
internal sealed class SqliteProvider : IStoreProvider
{
    /// <inheritdoc/>
    public string Kind => "sqlite";

    /// <inheritdoc/>
    public IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(configuration);
        return new SqliteStore(reference.Descriptor, reference.Address.Path!, configuration.Sqlite, reference.Settings?.Connection);
    }
}
