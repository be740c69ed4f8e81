using IntegrityTools.Model;

namespace IntegrityTools.Health;

/// <summary>The score, from 0 to 100. What is not known costs nothing.</summary>
internal static class HealthScore
{
    public const int Critical = 50;
    public const double HighDiskUsage = 0.8;
    public const double VeryHighDiskUsage = 0.9;

    public static int Of(StoreHealth health)
    {
        var lost = (5 * (health.DuplicateCount ?? 0)) + (3 * (health.ConflictCount ?? 0)) + ((health.OrphanedCount ?? 0) / 10) + (10 * (health.InvalidCount ?? 0))
            + (health.DiskUsage switch { > VeryHighDiskUsage => 20, > HighDiskUsage => 10, _ => 0 });
        return (int)Math.Max(0, 100 - lost);
    }
}
