using IntegrityTools.Sqlite.Maintenance;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>The kinds of store that this build maintains.</summary>
internal static class MaintenanceKinds
{
    /// <summary>One provider a kind, for one engine.</summary>
    public static IReadOnlyList<IMaintenanceProvider> Create() => [new SqliteMaintenance()];
}
