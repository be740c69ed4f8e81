namespace IntegrityTools.Configuration;

/// <summary>The <c>performance:</c> part of integrity.yaml.</summary>
public sealed record PerformanceSettings
{
    /// <summary>Requests for documents under way at one time, from 1 to 64; a feed, and small questions to the server, may come on top. With 1 a scan has one request under way.</summary>
    public int MaxConcurrentOperations { get; init; } = 5;

    /// <summary>Documents in one request, from 1 to 10,000; lists and feeds of a scan are cut so where a bound differs from its default.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>How long one request may take without an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests started in a second, at most; null: no bound.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>How long a process that takes part in a shared scan may be silent before others take over what it was doing.</summary>
    public TimeSpan SharedScanLease { get; init; } = TimeSpan.FromMinutes(1);
}
