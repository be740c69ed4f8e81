using IntegrityTools.Configuration;

namespace IntegrityTools.Stores;

/// <summary>Opens stores of one kind.</summary>
public interface IStoreProvider
{
    /// <summary>The kind, such as <c>couchdb</c>.</summary>
    string Kind { get; }

    /// <summary>A name for the new file, for stores that are never changed in place; null: a repair changes the store itself.</summary>
    /// <param name="address">The store.</param>
    /// <param name="undoing">True for what is given back, false for what is repaired.</param>
    string? SuggestDestination(StoreAddress address, bool undoing) => null;

    /// <summary>Opens a store. Nothing is written to it, and a server need not have been asked yet.</summary>
    /// <param name="reference">Which store.</param>
    /// <param name="credential">The user's name and password, already looked up; null: none.</param>
    /// <param name="configuration">The configuration, for bounds and rules.</param>
    IIntegrityStore Open(StoreReference reference, StoreCredential? credential, IntegrityConfiguration configuration);
}
