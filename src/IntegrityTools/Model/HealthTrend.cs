namespace IntegrityTools.Model;

/// <summary>How a store's health has changed, over the checks of <c>monitoring.metrics_retention</c>.</summary>
/// <param name="Previous">The check before this one.</param>
/// <param name="Oldest">The oldest one.</param>
/// <param name="Checks">How many there are.</param>
/// <param name="ScoreChange">The score less the oldest one's.</param>
/// <param name="DocumentsPerDay">By how much the documents grew a day since the oldest; null when less than a day has passed, or it is not known.</param>
/// <param name="BytesPerDay">By how much the database grew a day since the oldest; null likewise.</param>
public sealed record HealthTrend(
    HealthPoint Previous, HealthPoint Oldest, long Checks, int ScoreChange, double? DocumentsPerDay, double? BytesPerDay)
{
    /// <summary>The trend up to a check.</summary>
    public static HealthTrend Of(HealthPoint previous, HealthPoint oldest, long checks, HealthPoint now)
    {
        ArgumentNullException.ThrowIfNull(oldest);
        ArgumentNullException.ThrowIfNull(now);
        var days = (now.At - oldest.At).TotalDays;
        return new HealthTrend(
            previous, oldest, checks, now.HealthScore - oldest.HealthScore,
            days < 1 ? null : (now.TotalDocuments - oldest.TotalDocuments) / days,
            days < 1 ? null : (now.DatabaseSize - oldest.DatabaseSize) / days);
    }
}
