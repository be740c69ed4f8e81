using IntegrityTools.Configuration;

namespace IntegrityTools.CouchDb.Client;

/// <summary>How a server is talked to.</summary>
internal sealed record CouchOptions
{
    private static readonly PerformanceSettings Unbounded = new();

    /// <summary>How long no byte may arrive before an answer counts as lost. It bounds silence, not the length of a feed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many batches are read at once.</summary>
    public int MaxConcurrentOperations { get; init; } = 5;

    /// <summary>How many documents one request asks for.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>How many requests are started in a second, at most; null: no bound.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>
    /// How many documents of a list or a feed one request asks for; null: for all. A bound acts on requests: where one was set, what would be one of any length is cut.
    /// </summary>
    public int? PageSize =>
        RequestsPerSecond is not null || BatchSize != Unbounded.BatchSize || MaxConcurrentOperations < Unbounded.MaxConcurrentOperations ? BatchSize : null;

    /// <summary>How long a worker of a shared scan may be silent before others take over what it was doing.</summary>
    public TimeSpan SharedScanLease { get; init; } = new PerformanceSettings().SharedScanLease;

    /// <summary>How often an idempotent read is tried in all, as long as the server has never answered.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>
    /// How often once it has: a server that was there is waited for long enough, some 12 seconds, to be started again, since much may be lost
    /// by giving up.
    /// </summary>
    public int AttemptsOnceOpened { get; init; } = 8;

    /// <summary>The pause before the second try; it doubles from try to try up to <see cref="MaximumBackoff"/>, with jitter.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two tries.</summary>
    public TimeSpan MaximumBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>As the configuration bounds the work.</summary>
    public static CouchOptions Of(PerformanceSettings performance) => new()
    {
        Timeout = performance.Timeout,
        MaxConcurrentOperations = performance.MaxConcurrentOperations,
        BatchSize = performance.BatchSize,
        RequestsPerSecond = performance.RequestsPerSecond,
        SharedScanLease = performance.SharedScanLease,
    };
}
