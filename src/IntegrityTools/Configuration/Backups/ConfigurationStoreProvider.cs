using IntegrityTools.Stores;

namespace IntegrityTools.Configuration.Backups;

/// <summary>Opens the configured files as a store, for restores.</summary>
internal sealed class ConfigurationStoreProvider : IStoreProvider
{
    /// <inheritdoc/>
    public string Kind => ConfigurationBackupProvider.Name;

    /// <inheritdoc/>
    public IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(configuration);
        return new ConfigurationStore(reference.Descriptor, configuration.Ledger.ReadKey());
    }
}
