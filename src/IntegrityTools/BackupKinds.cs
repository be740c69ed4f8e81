using IntegrityTools.Configuration.Backups;
using IntegrityTools.CouchDb.Backups;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>The kinds of store that this build backs up.</summary>
internal static class BackupKinds
{
    /// <summary>One provider a kind, for one engine.</summary>
    public static IReadOnlyList<IBackupProvider> Create() => [new CouchBackupProvider(), new SqliteBackupProvider(), new ConfigurationBackupProvider()];
}
