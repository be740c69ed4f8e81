using IntegrityTools.Configuration;

namespace IntegrityTools.Stores;

/// <summary>Opens stores of one kind.</summary>
public interface IStoreProvider
{
    /// <summary>The kind, such as <c>couchdb</c>.</summary>
    string Kind { get; }

    /// <summary>Opens a store. Nothing is written to it, and a server need not have been asked yet.</summary>
    /// <param name="reference">Which store.</param>
    /// <param name="credential">The user's name and password, already looked up; null: none.</param>
    /// <param name="configuration">The configuration, for bounds and rules.</param>
    IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration);
}
