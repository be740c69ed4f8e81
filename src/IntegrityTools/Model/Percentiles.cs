using System.Globalization;

namespace IntegrityTools.Model;

/// <summary>How values are spread, by nearest rank: each is one that was measured.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="P50">Half of them are at most this; null when there are none.</param>
/// <param name="P95">95 of 100 are at most this.</param>
/// <param name="P99">99 of 100 are at most this.</param>
/// <param name="Maximum">The largest.</param>
public sealed record Percentiles(long Count, double? P50, double? P95, double? P99, double? Maximum)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => Count == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"p50 {P50:N0}, p95 {P95:N0}, p99 {P99:N0}, of {Count:N0}");
}
