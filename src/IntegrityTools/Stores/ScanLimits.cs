using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Bounds on one scan's work, in the place of those that <c>performance:</c> configures; what is null is as configured.</summary>
public sealed record ScanLimits
{
    /// <summary>Requests for documents under way at one time, from 1 to 64.</summary>
    public int? MaxConcurrentOperations { get; init; }

    /// <summary>Documents in one request, from 1 to 10,000.</summary>
    public int? BatchSize { get; init; }

    /// <summary>How long one request may take without an answer, from 100 milliseconds to a day.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Requests started in a second, at most; from 1 to 100,000.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>The configured bounds with these in their place.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>: one is outside of what the configuration takes, too.</exception>
    public PerformanceSettings Over(PerformanceSettings configured)
    {
        ArgumentNullException.ThrowIfNull(configured);
        Check("max_concurrent_operations", MaxConcurrentOperations, 1, 64);
        Check("batch_size", BatchSize, 1, 10_000);
        Check("requests_per_second", RequestsPerSecond, 1, 100_000);
        if (Timeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(100) || timeout > TimeSpan.FromDays(1)))
        {
            throw Outside("timeout", Duration.Format(timeout), "100ms to 1d");
        }

        return configured with
        {
            MaxConcurrentOperations = MaxConcurrentOperations ?? configured.MaxConcurrentOperations,
            BatchSize = BatchSize ?? configured.BatchSize,
            Timeout = Timeout ?? configured.Timeout,
            RequestsPerSecond = RequestsPerSecond ?? configured.RequestsPerSecond,
        };
    }

    private static void Check(string name, int? value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw Outside(name, value.Value.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"));
        }
    }

    private static IntegrityException Outside(string name, string value, string range) =>
        new(ErrorIds.InvalidArgument, $"{name} is {value}, and goes from {range}.", value, $"Give a value from {range}, or leave it as configured.");
}
