using System.Diagnostics;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Scans that were cut and go on.</summary>
public class ResumedScanTests
{
    private const string Rules = "validation:\n  check_references: false\n  required_fields: { Task: [title] }\nperformance:\n  max_concurrent_operations: 2\n  batch_size: 10\n";

    [SkippableTheory]
    [InlineData("performance:\n  max_concurrent_operations: 2\n  batch_size: 10\n")]
    [InlineData(Rules)]
    [InlineData("validation:\n  required_fields: { Task: [title] }\nperformance:\n  batch_size: 10\n")]
    public async Task A_scan_that_is_cut_again_and_again_finds_every_issue_once(string configuration)
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = new Workplace(configuration, server.Credential);
        var database = await FillAsync(server, 4000);
        var store = $"couchdb://{server.Address.Authority}/{database}";
        var expected = (await place.ScanAsync(store)).Select(Line).Order(StringComparer.Ordinal).ToList();
        var random = new Random(3);
        var found = new List<IntegrityIssue>();
        ScanReport? report = null;
        for (var options = Options(place, store); ;)
        {
            var many = random.Next(1, 40);
            report = null;
            var part = await place.Engine.ScanAsync(options with { ReportChanged = changed => report = changed }, default).Take(many).ToListAsync();
            found.AddRange(part);
            if (report!.Status == "success")
            {
                break;
            }

            options = Options(place, null) with { Resume = report.ScanId };
        }

        Assert.Equal(expected, found.Select(Line).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Count, report.Issues);
        var ledger = await place.Engine.GetLedgerAsync(default);
        Assert.Equal(expected, await ledger.ReadIssuesAsync(report.ScanId, default).Select(Line).Order(StringComparer.Ordinal).ToListAsync());
        Assert.Equal(expected.Count, (await ledger.GetScanAsync(report.ScanId, default))!.IssuesByType.Values.Sum());
        Assert.True((await place.VerifyAsync()).Ok);
    }

    [SkippableFact]
    public async Task A_scan_that_goes_on_does_not_read_again_what_was_settled()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  max_concurrent_operations: 1\n  batch_size: 10\n", real: true);
        await FillAsync(place.Server, 6000, place.Database);
        using var proxy = new CuttingProxy(place.Server.Address);
        var options = Options(place.Place, $"couchdb://{proxy.Authority}/{place.Database}");
        ScanReport? report = null;
        var first = await place.Place.Engine.ScanAsync(options with { ReportChanged = changed => report = changed }, default).Take(200).ToListAsync();
        Assert.True(report!.CanResume);
        var asked = proxy.Requests.Count;

        var second = await place.Place.Engine.ScanAsync(
            Options(place.Place, null) with { Resume = report.ScanId, ReportChanged = changed => report = changed }, default).ToListAsync();

        Assert.Contains(proxy.Requests.Skip(asked), line => line.Contains("since=", StringComparison.Ordinal));
        Assert.Equal(240, first.Count + second.Count);
        Assert.InRange(report.Documents, 6000, 8000);
        Assert.Empty(report.Remarks);
        Assert.NotNull(report.Checkpoint);
        Assert.Equal(0, (await place.Place.ScanAsync(options with { Incremental = true })).Report.Documents);
    }

    /// <summary>A read that was pending when the scan was stopped used to wait for the next answer on its connection: some 75 seconds, once in fifty scans.</summary>
    [SkippableFact]
    public async Task A_scan_that_is_stopped_while_answers_arrive_does_not_wait_for_them()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  batch_size: 10\n", real: false);
        await FillAsync(place.Server, 4000, place.Database);
        var random = new Random(3);
        for (var turn = 0; turn < 100; turn++)
        {
            var watch = Stopwatch.StartNew();
            await place.Place.Engine.ScanAsync(Options(place.Place, place.Store), default).Take(random.Next(1, 60)).CountAsync();
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(40));
        }
    }

    [SkippableFact]
    public async Task What_was_changed_while_the_scan_lay_still_is_looked_at()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place.Server, 3000, place.Database);
        var cut = await CutAsync(place.Place, place.Store, 100);
        await place.Server.InsertAsync(place.Database, Conflict("late"));

        var (issues, report) = await place.Place.ScanAsync(Options(place.Place, null) with { Resume = cut.ScanId });

        Assert.Contains(issues, issue => issue.Subject == "late");
        Assert.Equal("success", report.Status);
    }

    [SkippableFact]
    public async Task A_scan_whose_database_was_made_anew_is_begun_anew_and_says_so()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  batch_size: 10\n", real: true);
        await FillAsync(place.Server, 3000, place.Database);
        var cut = await CutAsync(place.Place, place.Store, 100);
        await place.Server.RemakeAsync(place.Database);
        await place.Server.InsertAsync(place.Database, Conflict("new"));

        var (issues, report) = await place.Place.ScanAsync(Options(place.Place, null) with { Resume = cut.ScanId });

        Assert.Equal("new", Assert.Single(issues).Subject);
        Assert.StartsWith("The scan was begun anew: ", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_incremental_scan_that_was_cut_goes_on_as_one()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  batch_size: 10\n", real: true);
        await FillAsync(place.Server, 100, place.Database);
        await place.Place.ScanAsync(Options(place.Place, place.Store));
        await FillAsync(place.Server, 3000, place.Database);
        var cut = await CutAsync(place.Place, place.Store, 60, incremental: true);

        var (issues, report) = await place.Place.ScanAsync(Options(place.Place, null) with { Resume = cut.ScanId });

        Assert.Equal(116, cut.Issues + issues.Count);
        Assert.NotNull(report.SinceScan);
        Assert.InRange(report.Documents, 2900, 4900);
    }

    [Fact]
    public async Task A_dump_is_begun_anew_and_its_issues_count_once()
    {
        await using var place = new Workplace();
        var path = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 50).Select(number => $"[{string.Join(',', Conflict($"d{number}"))}]"));
        var cut = await CutAsync(place, "couchdump:" + path, 20);

        var (issues, report) = await place.ScanAsync(Options(place, null) with { Resume = cut.ScanId });

        Assert.Equal((30, 50L), (issues.Count, report.Issues));
        Assert.StartsWith("The scan was begun anew: a file is judged as a whole", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_go_on_is_refused_with_the_reason()
    {
        await using var place = new Workplace();
        var path = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 2000).Select(number => $"[{string.Join(',', Conflict($"d{number}"))}]"));
        var (_, ended) = await place.ScanAsync(Options(place, "couchdump:" + path));
        Assert.Equal(ErrorIds.InvalidState, await RefusalAsync(place, ended.ScanId));
        Assert.Equal(ErrorIds.NotFound, await RefusalAsync(place, "scan-nowhere"));

        // One that is under way, by this very process.
        var running = "";
        await using var scan = place.Engine.ScanAsync(Options(place, "couchdump:" + path) with { ReportChanged = report => running = report.ScanId }, default).GetAsyncEnumerator();
        for (var read = 0; read < 1000; read++)
        {
            Assert.True(await scan.MoveNextAsync());
        }

        Assert.Equal(ErrorIds.InvalidState, await RefusalAsync(place, running));
    }

    private static async Task<string> RefusalAsync(Workplace place, string scan) =>
        (await Assert.ThrowsAsync<IntegrityException>(() => place.ScanAsync(Options(place, null) with { Resume = scan }))).ErrorId;

    private static async Task<ScanReport> CutAsync(Workplace place, string store, int after, bool incremental = false)
    {
        ScanReport? report = null;
        await place.Engine.ScanAsync(Options(place, store) with { Incremental = incremental, ReportChanged = changed => report = changed }, default).Take(after).CountAsync();
        Assert.Equal(("cancelled", (long)after), (report!.Status, report.Issues));
        return report;
    }

    private static ScanOptions Options(Workplace place, string? store) => new() { Store = store, Credential = place.Credential, SettlingInterval = TimeSpan.Zero };

    // Every twenty-fifth document is in conflict, and every fortieth lacks its title.
    private static async Task<string> FillAsync(CouchDbServer server, int documents, string? database = null)
    {
        database ??= await server.CreateDatabaseAsync();
        foreach (var chunk in Enumerable.Range(0, documents).Chunk(1000))
        {
            await server.InsertAsync(database, [.. chunk.SelectMany(number => number % 25 == 0
                ? Conflict($"c{number:D6}")
                : [ServerScanTests.Doc($"d{number:D6}", 1, ["a"], $"\"@type\":\"Task\",\"{(number % 40 == 1 ? "none" : "title")}\":1")])]);
        }

        return database;
    }

    private static string[] Conflict(string id) =>
        [ServerScanTests.Doc(id, 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc(id, 2, ["c", "a"], "\"x\":2")];

    private static string Line(IntegrityIssue issue) => $"{issue.Type} {issue.Subject}";
}
