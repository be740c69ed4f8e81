namespace IntegrityTools.Stores;

/// <summary>What a store is called and where it is; never a secret.</summary>
/// <param name="Kind">couchdb, couchdump, sqlite, archive or bistore.</param>
/// <param name="Name">Its name in the configuration, or null.</param>
/// <param name="Address">Its canonical address.</param>
public sealed record StoreDescriptor(string Kind, string? Name, string Address);
