using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Backups;

/// <summary>
/// Which backups are kept: all of the last days, and the newest of each of the last days, weeks and months, as many as wanted of each. Always
/// kept is the newest that was verified, what a kept one builds on, what was never verified as long as nothing newer was, and evidence.
/// </summary>
public sealed record BackupRetention
{
    private const int Odd = 4;
    private const int LeastPart = 32;

    /// <summary>Backups younger than this are kept. A time between two backups that is more than four times what is usual between them counts as the usual one, at least as 1/32 of this.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Of the last days that have a backup, so many and those of <see cref="KeepFor"/> among them, the newest of each is kept.</summary>
    public int Daily { get; init; }

    /// <summary>Of so many weeks (from Monday, UTC), likewise.</summary>
    public int Weekly { get; init; }

    /// <summary>Of so many months, likewise.</summary>
    public int Monthly { get; init; }

    /// <summary>The rule of a host's options; null when none of them was given.</summary>
    /// <param name="days">For how many days all are kept; null: 30.</param>
    /// <param name="daily">See <see cref="Daily"/>.</param>
    /// <param name="weekly">See <see cref="Weekly"/>.</param>
    /// <param name="monthly">See <see cref="Monthly"/>.</param>
    public static BackupRetention? Of(int? days, int? daily, int? weekly, int? monthly)
    {
        var rule = new BackupRetention { Daily = daily ?? 0, Weekly = weekly ?? 0, Monthly = monthly ?? 0 };
        return (days, daily, weekly, monthly) is (null, null, null, null) ? null : days is { } given ? rule with { KeepFor = TimeSpan.FromDays(given) } : rule;
    }

    /// <summary>The backups to remove, of one store.</summary>
    /// <param name="backups">All backups of the store, in any order.</param>
    /// <param name="now">The present moment.</param>
    public IReadOnlyList<BackupManifest> Expired(IReadOnlyList<BackupManifest> backups, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(backups);
        var newest = BackupFolder.NewestFirst(backups);
        var good = Good(newest);
        if (good.Count == 0)
        {
            return [];
        }

        var ages = Ages(good, now);
        var kept = newest.TakeWhile(backup => backup != good[0])
            .Concat(newest.Where(backup => backup.Mode is BackupMode.Forensic or BackupMode.SetAside))
            .Concat(good.Where((_, index) => ages[index] < KeepFor))
            .Append(good[0])
            .Concat(NewestOf(good, Daily, moment => moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))
            .Concat(NewestOf(good, Weekly, moment => $"{ISOWeek.GetYear(moment)}-{ISOWeek.GetWeekOfYear(moment)}"))
            .Concat(NewestOf(good, Monthly, moment => moment.ToString("yyyy-MM", CultureInfo.InvariantCulture)))
            .Select(backup => backup.Id).ToHashSet(StringComparer.Ordinal);

        // A chain is only worth its oldest link. Newest first: whoever builds on another comes before it.
        foreach (var backup in newest.Where(backup => backup.Parent is not null && kept.Contains(backup.Id)))
        {
            kept.Add(backup.Parent!);
        }

        return [.. newest.Where(backup => !kept.Contains(backup.Id))];
    }

    /// <summary>
    /// Why nothing more is built on a chain; null when the chain goes on. Its full backup is as old as any is to be: since all that is built on it needs it, a chain
    /// that never ended would never expire.
    /// </summary>
    /// <param name="full">The full backup that it begins with.</param>
    /// <param name="backups">All backups of the store, in any order.</param>
    /// <param name="now">The present moment.</param>
    public string? WhyChainEnds(BackupManifest full, IReadOnlyList<BackupManifest> backups, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(full);
        ArgumentNullException.ThrowIfNull(backups);
        var good = Good(BackupFolder.NewestFirst(backups));
        var longest = Math.Max(KeepFor.TotalDays, Daily);
        return good.FindIndex(backup => backup.Id == full.Id) is >= 0 and var index && Ages(good, now)[index].TotalDays >= longest
            ? string.Create(CultureInfo.InvariantCulture, $"the last full one, {full.Id}, is no younger than {longest:0.##} days, so a new chain begins")
            : null;
    }

    private static List<BackupManifest> Good(IEnumerable<BackupManifest> backups) =>
        [.. backups.Where(backup => backup.VerifiedAt is not null && backup.Mode is BackupMode.Full or BackupMode.Incremental)];

    /// <summary>
    /// How old backups are, in their order. A clock that was wrong when one was made, or is wrong now, must not make all others old at once: so ages are
    /// the sum of the times between backups, and one that is out of all proportion counts as the others do.
    /// </summary>
    private TimeSpan[] Ages(List<BackupManifest> newestFirst, DateTimeOffset now)
    {
        var gaps = new long[newestFirst.Count];
        var next = now;
        for (var index = 0; index < gaps.Length; index++)
        {
            // One that is dated after its successor was dated wrongly.
            var at = newestFirst[index].CreatedAt < next ? newestFirst[index].CreatedAt : next;
            (gaps[index], next) = ((next - at).Ticks, at);
        }

        // The longest may be the wrong one, and where there are few the median, too.
        var others = gaps.Skip(1).Order().SkipLast(1).ToList();
        var usual = Math.Max(others.Count == 0 ? 0 : others[(others.Count - 1) / 2], KeepFor.Ticks / LeastPart);
        var age = 0L;
        return [.. gaps.Select(gap => TimeSpan.FromTicks(age += gap / Odd > usual ? usual : gap))];
    }

    private static IEnumerable<BackupManifest> NewestOf(IEnumerable<BackupManifest> newestFirst, int count, Func<DateTime, string> period) =>
        newestFirst.GroupBy(backup => period(backup.CreatedAt.UtcDateTime)).Take(count).Select(group => group.First());
}
