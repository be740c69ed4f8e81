namespace IntegrityTools.Model;

/// <summary>An earlier health check.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="HealthScore">The score.</param>
/// <param name="TotalDocuments">Documents.</param>
/// <param name="DatabaseSize">Bytes.</param>
public sealed record HealthPoint(DateTimeOffset At, int HealthScore, long? TotalDocuments, long? DatabaseSize);
