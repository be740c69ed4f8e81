using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Opens dumps of CouchDB databases.</summary>
internal sealed class CouchDumpProvider : IStoreProvider
{
    /// <inheritdoc/>
    public string Kind => "couchdump";

    /// <inheritdoc/>
    public string? SuggestDestination(StoreAddress address, bool undoing)
    {
        ArgumentNullException.ThrowIfNull(address);
        return DumpDestination.Suggest(address.Path!, undoing);
    }

    /// <inheritdoc/>
    public IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(configuration);
        return new CouchDumpStore(reference.Descriptor, reference.Address.Path!, configuration.Resolution, configuration.Validation, configuration.Performance);
    }
}
