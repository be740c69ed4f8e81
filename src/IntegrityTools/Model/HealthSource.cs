namespace IntegrityTools.Model;

/// <summary>Where a figure comes from that only a whole scan knows.</summary>
/// <param name="ScanId">The scan.</param>
/// <param name="At">When it ended, UTC: what was changed since is in the figure only if later scans found it.</param>
public sealed record HealthSource(string ScanId, DateTimeOffset At);
