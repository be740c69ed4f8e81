using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Ledger;

/// <summary>How events become the queue of issues, where a clock or two scans at one time matter.</summary>
public sealed class IssueStateTests : IDisposable
{
    private const string Store = "sqlite:/a.db";
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_issue_whose_day_has_come_is_reopened_when_it_is_read_and_stays_so_when_it_is_found()
    {
        var clock = new StandingClock { Now = Noon };
        await using var ledger = await folder.OpenAsync(clock: clock);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-1"), Issue("scan-1"), Ended("scan-1")], default);
        await ledger.AppendAsync([Ignored(Noon.AddDays(1))], default);
        Assert.Equal(IssueStatus.Ignored, (await KnownAsync(ledger)).Status);
        Assert.Equal(["issue-1"], await ledger.ReadIgnoredAsync(Store, Noon, default));

        clock.Now = Noon.AddDays(2);
        Assert.Equal((IssueStatus.Reopened, null), ((await KnownAsync(ledger)).Status, (await KnownAsync(ledger)).Until));
        Assert.Empty(await ledger.ReadIgnoredAsync(Store, clock.Now, default));
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-2"), Issue("scan-2"), Ended("scan-2")], default);
        var found = await KnownAsync(ledger);
        Assert.Equal((IssueStatus.Reopened, Noon, clock.Now, clock.Now), (found.Status, found.FirstSeen, found.LastSeen, found.ChangedAt));
        Assert.True((await ledger.VerifyAsync(default)).Ok);
    }

    [Fact]
    public async Task What_another_scan_has_found_meanwhile_is_not_called_gone()
    {
        await using var ledger = await folder.OpenAsync();
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "long")], default);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "short"), Issue("short"), Ended("short")], default);
        await ledger.AppendAsync([Ended("long")], default);
        Assert.Equal(IssueStatus.Open, (await KnownAsync(ledger)).Status);
    }

    [Fact]
    public async Task What_a_scan_of_changes_does_not_find_again_is_gone_unless_another_has_found_it_meanwhile()
    {
        await using var ledger = await folder.OpenAsync();
        var gone = new LedgerEvent
        {
            Kind = LedgerEventKinds.IssuesGone,
            Store = Store,
            ScanId = "long",
            Data = Json(new GoneIssues(["issue-1", "issue-of-nobody"]), LedgerJson.Default.GoneIssues),
        };
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "long")], default);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "short"), Issue("short"), gone], default);
        Assert.Equal(IssueStatus.Open, (await KnownAsync(ledger)).Status);

        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "next"), gone with { ScanId = "next", Store = "sqlite:/b.db" }], default);
        Assert.Equal(IssueStatus.Open, (await KnownAsync(ledger)).Status);
        await ledger.AppendAsync([gone with { ScanId = "next" }], default);
        Assert.Equal(IssueStatus.Resolved, (await KnownAsync(ledger)).Status);
        Assert.True((await ledger.VerifyAsync(default)).Ok);
    }

    [Fact]
    public async Task A_scan_of_one_store_resolves_nothing_of_another()
    {
        await using var ledger = await folder.OpenAsync();
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-1"), Issue("scan-1"), Ended("scan-1")], default);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-2", "sqlite:/b.db"), Ended("scan-2", "sqlite:/b.db")], default);
        Assert.Equal(IssueStatus.Open, (await KnownAsync(ledger)).Status);
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-3"), Ended("scan-3")], default);
        Assert.Equal(IssueStatus.Resolved, (await KnownAsync(ledger)).Status);
    }

    [Fact]
    public async Task A_queue_that_was_changed_is_found_and_a_rebuild_mends_it()
    {
        await using var ledger = await folder.OpenAsync();
        await ledger.AppendAsync([Scan(LedgerEventKinds.ScanStarted, "scan-1"), Issue("scan-1"), Ended("scan-1"), Ignored(DateTimeOffset.UtcNow.AddDays(1))], default);
        folder.Tamper("UPDATE known_issue SET status = 'resolved'");
        Assert.Equal("projection", Assert.Single((await ledger.VerifyAsync(default)).Faults).Kind);
        await ledger.RebuildAsync(default);
        Assert.Equal(IssueStatus.Ignored, (await KnownAsync(ledger)).Status);
        Assert.True((await ledger.VerifyAsync(default)).Ok);
    }

    [Fact]
    public async Task A_ledger_of_the_first_version_is_read_as_it_is_and_brought_into_form_by_the_first_append()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        File.Copy(Path.Combine(Engines.Repository.Root, "tests", "data", "ledger-of-version-1.db"), folder.Path);
        var before = await File.ReadAllBytesAsync(folder.Path);
        await using (var ledger = await folder.OpenAsync())
        {
            var known = await ledger.ReadKnownIssuesAsync(new IssueQuery(), default).ToListAsync();
            Assert.Equal(4, known.Count);
            Assert.All(known, issue => Assert.Equal(IssueStatus.Open, issue.Status));
            Assert.Single(await ledger.ListPlansAsync(default));
            Assert.Equal("completed", Codes.Of(Assert.Single(await ledger.ListExecutionsAsync(default)).Status));
            Assert.True((await ledger.VerifyAsync(default)).Ok);
            Assert.Equal(before, await File.ReadAllBytesAsync(folder.Path));

            await ledger.AppendAsync([LedgerFolder.Event(1)], default);
            Assert.Equal(4, await ledger.ReadKnownIssuesAsync(new IssueQuery(), default).CountAsync());
            Assert.Equal("completed", Codes.Of(Assert.Single(await ledger.ListExecutionsAsync(default)).Status));
            Assert.True((await ledger.VerifyAsync(default)).Ok);
        }

        Assert.NotEqual(before, await File.ReadAllBytesAsync(folder.Path));
    }

    private static async Task<KnownIssue> KnownAsync(SqliteLedger ledger) =>
        Assert.Single(await ledger.ReadKnownIssuesAsync(new IssueQuery { Store = Store }, default).ToListAsync());

    private static LedgerEvent Scan(string kind, string scan, string store = Store) => new()
    {
        Kind = kind,
        ScanId = scan,
        Store = store,
        Data = Json(
            new ScanReport
            {
                ScanId = scan,
                Store = store,
                StartedAt = Noon,
                Status = kind == LedgerEventKinds.ScanStarted ? "running" : "success",
                CoveredTypes = kind == LedgerEventKinds.ScanStarted ? [] : [IssueTypes.DamagedPage],
            },
            ModelJson.Default.ScanReport),
    };

    private static LedgerEvent Ended(string scan, string store = Store) => Scan(LedgerEventKinds.ScanFinished, scan, store);

    private static LedgerEvent Ignored(DateTimeOffset until) => new()
    {
        Kind = LedgerEventKinds.IssueIgnored,
        Store = Store,
        Subject = "issue-1",
        Data = Json(new IssueWord("why", LedgerTime.Of(until)), LedgerJson.Default.IssueWord),
    };

    private static LedgerEvent Issue(string scan) => new()
    {
        Kind = LedgerEventKinds.IssueFound,
        ScanId = scan,
        Store = Store,
        Subject = "issue-1",
        Data = RawJson.FromText($$"""{"type":"{{IssueTypes.DamagedPage}}","severity":"high","subject":"page:1"}"""),
        Sensitive = Json(
            new IntegrityIssue
            {
                Id = "issue-1",
                Type = IssueTypes.DamagedPage,
                Severity = Severity.High,
                Subject = "page:1",
                Message = "m",
                Evidence = new EntryEvidence("p", 1, "r"),
                Store = Store,
                ScanId = scan,
                DetectedAt = Noon,
            },
            ModelJson.Default.IntegrityIssue),
    };

    private static RawJson Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type));
}
