using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Health;

/// <summary>Judges how full a volume is.</summary>
internal static class DiskCheck
{
    /// <summary>What is to be said of it; nothing when there is room, or it is not known.</summary>
    public static IReadOnlyList<(HealthStatus Status, string Reason)> Of(double? usage) => usage switch
    {
        > HealthScore.VeryHighDiskUsage => [(HealthStatus.Unhealthy, Sentence(usage.Value))],
        > HealthScore.HighDiskUsage => [(HealthStatus.Degraded, Sentence(usage.Value))],
        _ => [],
    };

    private static string Sentence(double usage) => string.Create(CultureInfo.InvariantCulture, $"{usage:P0} of its volume is used.");
}
