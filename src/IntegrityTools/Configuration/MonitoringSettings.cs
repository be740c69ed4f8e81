namespace IntegrityTools.Configuration;

/// <summary>The <c>monitoring:</c> part of integrity.yaml.</summary>
public sealed record MonitoringSettings
{
    /// <summary>The time between health checks.</summary>
    public TimeSpan HealthCheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A health score below it, from 0 to 100, is alerted.</summary>
    public int AlertThreshold { get; init; } = 80;

    /// <summary>How long metrics are kept.</summary>
    public TimeSpan MetricsRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long an issue stays known after it was resolved.</summary>
    public TimeSpan ResolvedRetention { get; init; } = TimeSpan.FromDays(30);
}
