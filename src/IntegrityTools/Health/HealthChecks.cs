using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Health;

/// <summary>How well detection, repair and the queue are, by what the ledger has recorded.</summary>
internal static class HealthChecks
{
    // What is degraded and what is unhealthy: the bounds at which conflict services alert.
    private const int Backlog = 500;
    private const int ManyDuplicates = 100;
    private const double SomeFailures = 0.01;
    private const double ManyFailures = 0.1;
    private const double SlowMs = 1000;

    // Of fewer, a single compaction would be the five of a hundred.
    private const int EnoughOperations = 20;
    private static readonly TimeSpan OldScan = TimeSpan.FromDays(7);

    public static HealthCheck Score(int? score, int threshold) => score is null ? new HealthCheck("score", HealthStatus.Unhealthy, "The score is not known: nothing could be read of the store.") : HealthCheck.Of(
        "score",
        $"The score is {score} of 100.",
        score < HealthScore.Critical ? [(HealthStatus.Unhealthy, $"The score is {score} of 100, below {HealthScore.Critical}: the state is critical.")]
            : score < threshold ? [(HealthStatus.Degraded, $"The score is {score} of 100, below {threshold} (monitoring.alert_threshold).")]
            : []);

    /// <param name="last">The last scan of the store that ended one way or the other; null: none.</param>
    /// <param name="whole">The last one that looked at all of it; null: none.</param>
    /// <param name="moved">The repair into a new file since which scans count; null: all count.</param>
    /// <param name="now">The present.</param>
    public static HealthCheck Detector(ScanReport? last, ScanReport? whole, RepairExecution? moved, DateTimeOffset now)
    {
        var found = new List<(HealthStatus, string)>();
        if (last is { Status: "failure" })
        {
            found.Add((HealthStatus.Unhealthy, $"The last scan failed: {last.Message}"));
        }

        if (whole?.EndedAt is not { } at)
        {
            found.Add((HealthStatus.Degraded, moved is null ? "No scan of all of this store is known." : $"No scan of all of it is known since it was repaired into '{moved.Destination}'."));
        }
        else if (now - at > OldScan)
        {
            found.Add((HealthStatus.Degraded, $"The last scan of all of it is {Age(now - at)} old."));
        }

        var types = whole is not { NotLookedFor.Count: > 0 } ? "" : $" It did not look for {string.Join(", ", IssueTypes.Shorten(whole.NotLookedFor.ToHashSet(StringComparer.Ordinal), whole.NotLookedFor.Concat(whole.Scope.Types).ToHashSet(StringComparer.Ordinal)))}.";
        return HealthCheck.Of("detector", $"The last scan of all of it ended {Age(now - (whole?.EndedAt ?? now))} ago.{types}", found);
    }

    /// <param name="summary">What repairs came to.</param>
    /// <param name="unfinished">The store's last execution when it has not come to its end; null: it has.</param>
    public static HealthCheck Resolver(ReportSummary summary, RepairExecution? unfinished)
    {
        var found = new List<(HealthStatus, string)>();
        if (summary.FailureRate is > SomeFailures and var rate)
        {
            found.Add((rate > ManyFailures ? HealthStatus.Unhealthy : HealthStatus.Degraded, string.Create(CultureInfo.InvariantCulture, $"{rate:P1} of the operations failed.")));
        }

        if (unfinished is not null)
        {
            found.Add((HealthStatus.Degraded, $"The last repair, {unfinished.Id}, {unfinished.DescribeUnfinished()}."));
        }

        if (summary.OperationMs is { Count: >= EnoughOperations, P95: > SlowMs and var slow })
        {
            found.Add((HealthStatus.Degraded, string.Create(CultureInfo.InvariantCulture, $"5 of 100 operations took {slow:N0} ms or longer.")));
        }

        var applied = summary.Operations.GetValueOrDefault("applied");
        return HealthCheck.Of(
            "resolver", applied == 0 ? "Nothing was to be repaired." : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(applied, "operation")} applied, none pending."), found);
    }

    public static HealthCheck Queue(IReadOnlyList<KnownIssueCount> counts, long? duplicates)
    {
        var (total, critical) = (counts.Sum(count => count.Count), counts.Where(count => count.Severity == Severity.Critical).Sum(count => count.Count));
        var found = new List<(HealthStatus, string)>();
        if (critical > 0)
        {
            found.Add((HealthStatus.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(critical, "critical issue")} {(critical == 1 ? "is" : "are")} open.")));
        }

        if (total > Backlog)
        {
            found.Add((HealthStatus.Degraded, string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(total, "issue")} wait, more than {Backlog}.")));
        }

        if (duplicates > ManyDuplicates)
        {
            found.Add((HealthStatus.Degraded, string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(duplicates.Value, "document")} are duplicates, more than {ManyDuplicates}.")));
        }

        return HealthCheck.Of("queue", total == 0 ? "No issue waits." : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(total, "issue")} {(total == 1 ? "waits" : "wait")}."), found);
    }

    private static string Age(TimeSpan age)
    {
        var (count, unit) = age.TotalDays >= 2 ? ((int)age.TotalDays, "day") : age.TotalHours >= 2 ? ((int)age.TotalHours, "hour") : (Math.Max(0, (int)age.TotalMinutes), "minute");
        return Counted.Of(count, unit);
    }
}
