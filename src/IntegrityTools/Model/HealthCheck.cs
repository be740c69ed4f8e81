namespace IntegrityTools.Model;

/// <summary>How well one part is.</summary>
/// <param name="Name">score, detector, resolver, database, queue or replication.</param>
/// <param name="Status">How well.</param>
/// <param name="Reason">Why, one sentence or two.</param>
public sealed record HealthCheck(string Name, HealthStatus Status, string Reason)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => $"{Name}, {Status}: {Reason}";

    /// <summary>A check whose status is the worst of what was found, and whose reason is all that was found; else healthy, for the given reason.</summary>
    public static HealthCheck Of(string name, string healthy, IReadOnlyCollection<(HealthStatus Status, string Reason)> found) => found.Count == 0
        ? new HealthCheck(name, HealthStatus.Healthy, healthy)
        : new HealthCheck(name, found.Max(one => one.Status), string.Join(' ', found.OrderByDescending(one => one.Status).Select(one => one.Reason)));
}
