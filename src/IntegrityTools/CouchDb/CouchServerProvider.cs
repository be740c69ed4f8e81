using System.Collections.Concurrent;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Opens databases of running CouchDB servers.</summary>
internal sealed class CouchServerProvider : IStoreProvider
{
    // One a database and user: a plan, and the repair that follows it, read the same bodies.
    private readonly ConcurrentDictionary<(string Store, string? User), RevisionMemory> memories = [];

    /// <inheritdoc/>
    public string Kind => "couchdb";

    /// <inheritdoc/>
    public IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(configuration);
        var client = Client(reference, credential, configuration);
        var memory = memories.GetOrAdd((reference.Address.Canonical, credential?.UserName), _ => new RevisionMemory());
        return new CouchServerStore(reference.Descriptor, client, configuration.Resolution, configuration.Validation, reference.Settings?.Queries ?? [], memory);
    }

    /// <summary>A client of a database, within the configured bounds.</summary>
    public static CouchClient Client(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration) =>
        new(reference.Address.Server!, reference.Address.Database!, credential, CouchOptions.Of(configuration.Performance));
}
