using IntegrityTools.Backups;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Backups;

public class RetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_newest_of_each_day_week_and_month_stays()
    {
        var backups = Enumerable.Range(0, 120).Select(day => Backup($"b{day}", day)).ToList();

        var kept = Kept(new BackupRetention { KeepFor = TimeSpan.FromDays(2), Daily = 4, Weekly = 3, Monthly = 3 }, backups);

        // Days 0 to 3; the newest of this week and of the two before it (Sundays); the last days of June, May and April.
        Assert.Equal(["b0", "b1", "b2", "b3", "b9", "b30", "b61"], kept);
    }

    [Fact]
    public void A_backup_that_was_not_verified_pushes_no_good_one_out()
    {
        var rule = new BackupRetention { KeepFor = TimeSpan.Zero };

        Assert.Equal(["bad", "good"], Kept(rule, [Backup("bad", 0) with { VerifiedAt = null }, Backup("good", 50), Backup("old", 60)]));
        Assert.Empty(rule.Expired([Backup("bad", 0) with { VerifiedAt = null }, Backup("worse", 50) with { VerifiedAt = null }], Now));
    }

    [Fact]
    public void What_a_kept_one_builds_on_stays_and_so_does_evidence()
    {
        var backups = new[]
        {
            Backup("c", 1) with { Mode = BackupMode.Incremental, Parent = "b" }, Backup("b", 2) with { Mode = BackupMode.Incremental, Parent = "a" },
            Backup("other", 3), Backup("a", 4), Backup("evidence", 5) with { Mode = BackupMode.Forensic, VerifiedAt = null },
        };

        Assert.Equal(["a", "b", "c", "evidence"], Kept(new BackupRetention { KeepFor = TimeSpan.Zero }, backups));
    }

    [Fact]
    public void A_backup_that_was_dated_in_the_future_while_the_clock_was_wrong_stayed_the_newest_forever()
    {
        var future = Backup("future", -400) with { Number = 2 };
        BackupManifest[] backups = [Backup("first", 3) with { Number = 1 }, future, Backup("today", 0) with { Number = 3 }];

        Assert.Equal(["today", "future", "first"], BackupFolder.NewestFirst(backups).Select(backup => backup.Id));
        Assert.Equal(["today"], Kept(new BackupRetention { KeepFor = TimeSpan.Zero }, backups));
    }

    [Fact]
    public void The_newest_backup_is_not_removed_because_the_clock_was_far_behind_when_it_was_made()
    {
        BackupManifest[] backups = [Backup("good", 3) with { Number = 7 }, Backup("1970", 20_000) with { Number = 8 }];

        Assert.Equal(["1970", "good"], BackupFolder.NewestFirst(backups).Select(backup => backup.Id));
        Assert.DoesNotContain("1970", new BackupRetention { KeepFor = TimeSpan.Zero }.Expired(backups, Now).Select(backup => backup.Id));
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(29)]
    public void A_clock_far_ahead_expires_no_good_backup(int daysAhead)
    {
        // Thirty a day apart, by a right clock; then three more by one that is ahead.
        var right = Enumerable.Range(1, 30).Select(number => Backup($"b{number}", 31 - number) with { Number = number }).ToList();
        for (var day = 0; day < 3; day++)
        {
            right.Add(Backup($"ahead{day}", -daysAhead - day) with { Number = 31 + day });
            var expired = new BackupRetention().Expired(right, Now.AddDays(daysAhead + day)).Select(backup => backup.Id).ToList();

            // Each run counts as a day.
            Assert.Equal(Enumerable.Range(1, 1 + day).Select(number => $"b{number}"), expired.OrderBy(id => id.Length).ThenBy(id => id, StringComparer.Ordinal));
        }

        // The clock is right again: nothing is held against those whose dates are known to be wrong, nor against those before them.
        right.Add(Backup("right", 0) with { Number = 34 });
        Assert.Equal(["b1"], new BackupRetention().Expired(right, Now).Select(backup => backup.Id));
    }

    [Fact]
    public void The_first_backups_outlive_a_clock_far_ahead_as_well()
    {
        BackupManifest[] backups = [Backup("first", 1) with { Number = 1 }, Backup("ahead", -3650) with { Number = 2 }, Backup("again", -3651) with { Number = 3 }];

        Assert.Empty(new BackupRetention().Expired(backups[..2], Now.AddDays(3650)));
        Assert.Empty(new BackupRetention().Expired(backups, Now.AddDays(3651)));
    }

    [Fact]
    public void A_backup_made_while_the_clock_was_far_behind_does_not_expire_on_the_next_day()
    {
        BackupManifest[] backups = [Backup("good", 3) with { Number = 7 }, Backup("1970", 20_000) with { Number = 8 }, Backup("next", 0) with { Number = 9 }];

        Assert.Empty(new BackupRetention().Expired(backups, Now));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(7, 5)]
    [InlineData(60, 1)]
    public void Backups_at_regular_times_expire_by_their_dates(int daysApart, int kept)
    {
        var backups = Enumerable.Range(0, 50).Select(index => Backup($"b{index}", index * daysApart) with { Number = 50 - index }).ToList();

        Assert.Equal(kept, Kept(new BackupRetention(), backups).Count());
    }

    [Fact]
    public void Backups_in_bursts_weeks_apart_do_not_stay_forever()
    {
        var backups = Enumerable.Range(0, 40)
            .SelectMany(burst => Enumerable.Range(0, 3).Select(index => Backup($"b{burst}-{index}", burst * 21) with { CreatedAt = Now.AddDays(-21 * burst).AddMinutes(-index) }))
            .ToList();

        Assert.Equal(96, Kept(new BackupRetention(), backups).Count());
    }

    [Fact]
    public void Backups_of_several_stores_and_of_versions_that_did_not_count_stand_in_the_order_of_their_dates()
    {
        BackupManifest[] backups =
        [
            Backup("a", 1) with { Number = 9 }, Backup("b", 2) with { Store = "t", Number = 1 }, Backup("c", 3) with { Number = 8 }, Backup("d", 4),
            Backup("aside", 0) with { Mode = BackupMode.SetAside },
        ];

        Assert.Equal(["aside", "a", "b", "c", "d"], BackupFolder.NewestFirst(backups.Reverse()).Select(backup => backup.Id));
    }

    [Theory]
    [InlineData(30, 0, 0, 30, 60)]
    [InlineData(30, 0, 12, 30, 460)]
    [InlineData(2, 10, 0, 10, 20)]
    [InlineData(0, 0, 0, 1, 1)]
    public void A_folder_of_incremental_backups_grew_for_ever(int days, int daily, int monthly, int longest, int most)
    {
        var rule = BackupRetention.Of(days, daily, null, monthly)!;
        List<BackupManifest> folder = [];
        for (var day = 0; day < 800; day++)
        {
            var (at, last) = (Now.AddDays(day), folder.LastOrDefault());
            var full = folder.LastOrDefault(backup => backup.Mode == BackupMode.Full);
            var ended = full is null || rule.WhyChainEnds(full, folder, at) is not null;
            folder.Add(Backup($"b{day}", -day) with { Number = day, Mode = ended ? BackupMode.Full : BackupMode.Incremental, Parent = ended ? null : last!.Id });
            Assert.Equal(day % longest == 0, ended);

            folder = [.. folder.Except(rule.Expired(folder, at))];

            Assert.InRange(folder.Count, Math.Min(day + 1, days), most);
            Assert.All(folder, backup => Assert.True(backup.Parent is null || folder.Any(other => other.Id == backup.Parent), $"{backup.Id} lost {backup.Parent}"));
        }
    }

    private static IEnumerable<string> Kept(BackupRetention rule, IReadOnlyList<BackupManifest> backups) =>
        backups.Except(rule.Expired(backups, Now)).Select(backup => backup.Id).OrderBy(id => id.Length).ThenBy(id => id, StringComparer.Ordinal);

    private static BackupManifest Backup(string id, int daysAgo) => new()
    {
        Id = id,
        Kind = "couchdb",
        Store = "s",
        Mode = BackupMode.Full,
        Method = "leaf_feed",
        CreatedAt = Now.AddDays(-daysAgo),
        DurationMs = 1,
        Files = [],
        Counts = new Dictionary<string, long>(),
        ToolVersion = "1",
        VerifiedAt = Now.AddDays(-daysAgo),
    };
}
