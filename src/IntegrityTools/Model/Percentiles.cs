namespace IntegrityTools.Model;

/// <summary>How values are spread, by nearest rank: each is one that was measured.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="P50">Half of them are at most this; null when there are none.</param>
/// <param name="P95">95 of 100 are at most this.</param>
/// <param name="P99">99 of 100 are at most this.</param>
/// <param name="Maximum">The largest.</param>
public sealed record Percentiles(long Count, double? P50, double? P95, double? P99, double? Maximum);
