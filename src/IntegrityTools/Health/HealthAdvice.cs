using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Health;

/// <summary>What would do a store good, each with the command that follows it.</summary>
internal static class HealthAdvice
{
    private static readonly TimeSpan OldBackup = TimeSpan.FromDays(7);

    // Machines' clocks, and their zones, are rarely further apart.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromDays(1);

    public static IEnumerable<HealthRecommendation> Of(
        StoreHealth health, IIntegrityStore store, StoreMeasurement measured, RepairExecution? unfinished, RepairExecution? moved, DateTimeOffset now)
    {
        var name = CommandWords.Argument(store.Descriptor.Name ?? store.Descriptor.Address);
        if (unfinished is not null)
        {
            yield return new HealthRecommendation(
                "Go on with the repair that has not come to its end.",
                CommandWords.Line($"integrity repair --resume {unfinished.Id} --confirm", $"Resume-RepairExecution {unfinished.Id}"));
        }

        if (moved?.Destination is { } destination)
        {
            var repaired = CommandWords.Argument($"{store.Descriptor.Kind}:{destination}");
            yield return new HealthRecommendation("Look at the file into which this one was repaired.", CommandWords.Line($"integrity health {repaired}", $"Get-IntegrityHealth {repaired}"));
        }

        if (health.RecommendCompaction == true && store.Types.Contains(IssueTypes.OrphanedRevisions))
        {
            yield return new HealthRecommendation(
                "Run compaction to reclaim disk space.",
                CommandWords.Line($"integrity resolve {name} --type orphaned_revisions --confirm", $"New-RepairPlan {name} -Type orphaned_revisions | Invoke-RepairPlan"));
        }

        foreach (var (count, what, type) in new[]
            { (health.ConflictCount, "conflict", "conflicts"), (health.DuplicateCount, "duplicate", "duplicates"), (health.InvalidCount, "invalid document", "validation") })
        {
            if (count > 0)
            {
                yield return new HealthRecommendation(
                    string.Create(CultureInfo.InvariantCulture, $"Deal with {Counted.Of(count.Value, what)}."),
                    CommandWords.Line($"integrity plan {name} --type {type}", $"New-RepairPlan {name} -Type {type}"));
            }
        }

        foreach (var advice in measured.Recommendations)
        {
            yield return advice with { Command = advice.Command.Replace("{0}", name, StringComparison.Ordinal) };
        }

        if (!measured.IsReadable)
        {
            yield break;
        }

        if (store.Types.Any(type => !IssueTypes.OnRequest.Contains(type)) && Unknown(health, store) is { Length: > 0 } unknown)
        {
            yield return new HealthRecommendation($"Scan all of it: {unknown} not known.", CommandWords.Line($"integrity scan {name} --type all", $"Get-IntegrityIssue {name} -Type all"));
        }

        if (store.Descriptor.Kind != "couchdump" && BackupAdvice(now - health.LastGoodBackup) is { } backup)
        {
            yield return new HealthRecommendation(backup, CommandWords.Line($"integrity backup {name} --to FOLDER", $"Backup-IntegrityStore {name} -Destination FOLDER"));
        }
    }

    private static string? BackupAdvice(TimeSpan? age) =>
        age is not { } known ? "Back it up: no backup that verified is known."
        : known >= OldBackup ? "Back it up: the last backup that verified is more than a week old."
        : known < -ClockDifference ? "Back it up: the last backup that verified bears a date that is still to come, so that how old it is nobody knows. See that the clock is right."
        : null;

    private static string Unknown(StoreHealth health, IIntegrityStore store)
    {
        var unknown = new List<string>();
        foreach (var (known, what, group) in new[]
            { (health.ConflictCount, "conflicts", "conflicts"), (health.DuplicateCount, "duplicates", "duplicates"), (health.InvalidCount, "validity", "validation") })
        {
            if (known is null && IssueTypes.Expand([group]).Any(store.Types.Contains))
            {
                unknown.Add(what);
            }
        }

        return unknown.Count == 0 ? string.Empty : string.Join(", ", unknown) + (unknown is ["validity"] ? " is" : " are");
    }
}
