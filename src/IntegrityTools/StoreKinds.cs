using IntegrityTools.CouchDb;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>The kinds of store that this build opens.</summary>
internal static class StoreKinds
{
    /// <summary>One provider a kind.</summary>
    public static IReadOnlyList<IStoreProvider> All { get; } = [new CouchServerProvider(), new CouchDumpProvider()];
}
