using IntegrityTools.Configuration.Backups;
using IntegrityTools.CouchDb;
using IntegrityTools.Sqlite;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>The kinds of store that this build opens.</summary>
internal static class StoreKinds
{
    /// <summary>One provider a kind, for one engine.</summary>
    public static IReadOnlyList<IStoreProvider> Create() => [new CouchServerProvider(), new CouchDumpProvider(), new SqliteProvider(), new ConfigurationStoreProvider()];
}
