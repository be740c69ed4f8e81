using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Sharing;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.SharedScanData;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Scans that several processes share.</summary>
public class SharedScanTests
{
    [SkippableFact]
    public async Task Three_that_share_a_scan_find_together_what_one_finds_each_issue_once_and_leave_nothing_behind()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        var expected = (await place.Place.ScanAsync(Options(place) with { Shared = null })).Issues;
        await using var second = new Workplace(Rules, place.Server.Credential);
        await using var third = new Workplace(Rules, place.Server.Credential);

        var parts = await Task.WhenAll(place.Place.ScanAsync(Options(place)), second.ScanAsync(Options(place)), third.ScanAsync(Options(place)));

        Assert.Equal(expected.Select(issue => issue.Id).Order(StringComparer.Ordinal), parts.SelectMany(part => part.Issues).Select(issue => issue.Id).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["missing_field", "missing_reference", "revision_conflict", "semantic_duplicate"], expected.Select(issue => issue.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var reports = Array.ConvertAll(parts, part => part.Report);
        Assert.All(reports, report => Assert.Equal(("success", reports[0].ScanId, 11), (report.Status, report.ScanId, report.Share!.Parts)));
        Assert.Equal(11, reports.Sum(report => report.Share!.PartsHere));
        Assert.All(reports, report => Assert.Empty(report.CoveredTypes));
        Assert.Empty(await LocalsAsync(place));
    }

    [SkippableFact]
    public async Task Processes_that_share_a_ledger_too_have_the_whole_scan_in_it()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        var expected = (await place.Place.ScanAsync(Options(place) with { Shared = null })).Issues.Count;
        await using var beside = IntegrityEngine.Open(new EngineOptions { ConfigurationPath = place.Place.PathOf("integrity.yaml"), LedgerPath = place.Place.PathOf("ledger.db") });
        var gone = await place.Place.Engine.Issues.ListAsync(new ScanOptions(), [], default).Select(issue => issue.Subject).FirstAsync();
        await place.Server.PostAsync(place.Database + "/_purge", $$"""{"{{gone}}":{{await LeavesAsync(place, gone)}}}""");

        await Task.WhenAll(
            place.Place.ScanAsync(Options(place)), beside.ScanAsync(Options(place) with { Credential = place.Server.Credential }, default).CountAsync().AsTask());

        var ledger = await place.Place.Engine.GetLedgerAsync(default);
        var report = (await ledger.ListScansAsync(default))[0];
        Assert.Equal((true, report.Issues), (report.Share!.AllHere, (long)await ledger.ReadIssuesAsync(report.ScanId, default).CountAsync()));
        Assert.InRange(report.Issues, expected - 2, expected);
        Assert.Contains(IssueTypes.MissingField, report.CoveredTypes);
        Assert.Contains(await place.Place.Engine.Issues.ListAsync(new ScanOptions(), [IssueStatus.Resolved], default).ToListAsync(), issue => issue.Subject == gone);
        Assert.True((await place.Place.VerifyAsync()).Ok);
    }

    [SkippableFact]
    public async Task An_incremental_scan_goes_on_from_where_a_shared_one_began()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        await using var scan = place.Place.Engine.ScanAsync(Options(place) with { Credential = place.Server.Credential }, default).GetAsyncEnumerator();
        Assert.True(await scan.MoveNextAsync());
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("written-meanwhile", 1, ["a"], "\"@type\":\"Task\",\"none\":1,\"number\":-1"));
        while (await scan.MoveNextAsync())
        {
        }

        var shared = (await (await place.Place.Engine.GetLedgerAsync(default)).ListScansAsync(default))[0];
        var (issues, report) = await place.Place.ScanAsync(Options(place) with { Shared = null, Incremental = true });

        Assert.Equal((shared.ScanId, 1L), (report.SinceScan, report.Documents));
        Assert.Equal("written-meanwhile", Assert.Single(issues).Subject);
        Assert.Equal(0, (await place.Place.ScanAsync(Options(place) with { Shared = null, Incremental = true })).Report.Documents);
    }

    [SkippableFact]
    public async Task A_part_of_a_shared_scan_is_nothing_to_go_on_from_for_a_ledger_that_has_no_more_of_it()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        await using var second = new Workplace(Rules, place.Server.Credential);
        await Task.WhenAll(place.Place.ScanAsync(Options(place)), second.ScanAsync(Options(place)));

        var (_, report) = await second.ScanAsync(Options(place) with { Shared = null, Incremental = true });

        Assert.Null(report.SinceScan);
        Assert.Contains(report.Remarks, remark => remark.StartsWith("Everything was looked at", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task What_an_abandoned_scan_of_another_name_has_left_is_removed_after_an_hour_by_whoever_shares_a_scan_and_never_by_one_alone()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        await using var atWork = await new SharedBeginning(client, new StandingClock()).TakePartAsync(Wanted with { Name = "at-work" }, "rules", default);
        foreach (var (name, minutes) in new[] { ("abandoned", -61), ("interrupted", -59) })
        {
            var member = await new SharedBeginning(client, new StandingClock().After(TimeSpan.FromMinutes(minutes))).TakePartAsync(Wanted with { Name = name }, "rules", default);
            await member.ClaimAsync(default);
            await member.DisposeAsync();
        }

        await place.Server.PutAsync($"{place.Database}/_local/integritytools-scan-of-another-program", "{}");
        var before = await LocalsAsync(place);
        await place.Place.ScanAsync(Options(place) with { Shared = null });
        Assert.Equal(7, before.Count);
        Assert.Equal(before, await LocalsAsync(place));

        await place.Place.ScanAsync(Options(place));

        Assert.Equal(before.Where(id => !id.Contains("abandoned", StringComparison.Ordinal)), await LocalsAsync(place));
    }

    [SkippableFact]
    public async Task What_was_done_before_all_were_stopped_is_not_done_again_and_a_scan_that_ended_is_begun_anew()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        var all = (await place.Place.ScanAsync(Options(place) with { Shared = null })).Issues;
        ScanReport? cut = null;
        await place.Place.Engine
            .ScanAsync(Options(place) with { Credential = place.Server.Credential, ReportChanged = report => cut = report }, default).Take(all.Count / 2).CountAsync();
        Assert.NotEmpty(await LocalsAsync(place));
        await using var other = new Workplace(Rules, place.Server.Credential);

        var (rest, report) = await other.ScanAsync(Options(place));

        Assert.Equal(("cancelled", report.ScanId, "nightly"), (cut!.Status, cut.ScanId, cut.Share!.Name));
        Assert.InRange(report.Share!.PartsHere, 1, 10);
        Assert.InRange(rest.Count, 1, all.Count - 1);
        var ledger = await place.Place.Engine.GetLedgerAsync(default);
        var found = await ledger.ReadIssuesAsync(cut.ScanId, default).Select(issue => issue.Id).ToListAsync();
        Assert.Equal(all.Select(issue => issue.Id).Order(StringComparer.Ordinal), found.Union(rest.Select(issue => issue.Id)).Order(StringComparer.Ordinal));
        Assert.Empty(await LocalsAsync(place));

        var (again, anew) = await other.ScanAsync(Options(place));
        Assert.NotEqual(report.ScanId, anew.ScanId);
        Assert.Equal(all.Count, again.Count);
        Assert.Contains("--shared nightly", await RefusalAsync(place.Place, new ScanOptions { Resume = cut.ScanId }, ErrorIds.InvalidState), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_scan_whose_documents_somebody_deletes_is_not_called_ended()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        await using var worker = await new SharedBeginning(client, new StandingClock()).TakePartAsync(Wanted, "rules", default);
        foreach (var name in await LocalsAsync(place))
        {
            await place.Server.DeleteAsync($"{place.Database}/{name}?rev=0-1");
        }

        Assert.Equal(ErrorIds.InvalidState, (await Assert.ThrowsAsync<IntegrityException>(() => worker.ClaimAsync(default))).ErrorId);
    }

    [SkippableFact]
    public async Task Many_that_begin_at_one_moment_agree_on_one_scan()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);

        var members = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new SharedBeginning(client, new StandingClock()).TakePartAsync(Wanted, "rules", default)));
        var claims = await Task.WhenAll(members.Take(3).Select(member => member.ClaimAsync(default)));

        Assert.Single(members.Select(member => member.ScanId).Distinct());
        Assert.Equal(3, claims.Select(work => work!.Claim.Part).Distinct().Count());
        Assert.Single(await LocalsAsync(place), name => name.EndsWith("-plan", StringComparison.Ordinal));
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task What_cannot_be_shared_is_refused_with_the_reason()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        await using var worker = await new SharedBeginning(client, TimeProvider.System).TakePartAsync(Wanted, "rules", default);
        Assert.Contains("rules, a schema", await RefusalAsync(place.Place, Options(place), ErrorIds.InvalidArgument), StringComparison.Ordinal);
        await worker.DisposeAsync();

        // Whose workers are all gone gives way to a scan with other rules.
        await place.Place.ScanAsync(Options(place));
        Assert.Empty(await LocalsAsync(place));
        Assert.Contains("one process", await RefusalAsync(place.Place, Options(place) with { Incremental = true }, ErrorIds.InvalidArgument), StringComparison.Ordinal);
        Assert.Contains("no name", await RefusalAsync(place.Place, Options(place) with { Shared = "a/b" }, ErrorIds.InvalidArgument), StringComparison.Ordinal);
        var dump = place.Place.PathOf("dump.jsonl");
        await File.WriteAllTextAsync(dump, "[]\n");
        Assert.Contains("couchdump", await RefusalAsync(place.Place, Options(place) with { Store = "couchdump:" + dump }, ErrorIds.InvalidArgument), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_is_no_CouchDB_is_refused()
    {
        var server = await CouchDbServer.RequirePouchAsync();
        await using var place = new Workplace(Rules, server.Credential);
        var database = await server.CreateDatabaseAsync();
        var options = new ScanOptions { Store = $"couchdb://{server.Address.Authority}/{database}", Shared = "nightly" };
        Assert.Contains("Only a CouchDB", await RefusalAsync(place, options, ErrorIds.InvalidArgument), StringComparison.Ordinal);
    }

    private static ScanOptions Options(ServerPlace place) => new() { Store = place.Store, Shared = "nightly" };

    private static async Task<string> RefusalAsync(Workplace place, ScanOptions options, string id)
    {
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => place.ScanAsync(options));
        Assert.Equal(id, refusal.ErrorId);
        return $"{refusal.Message} {refusal.NextStep}";
    }

    private static async Task<string> LeavesAsync(ServerPlace place, string id) => "[" + string.Join(',', JsonDocument
        .Parse(await place.Server.GetAsync($"{place.Database}/_changes?style=all_docs")).RootElement.GetProperty("results").EnumerateArray()
        .Where(row => row.GetProperty("id").GetString() == id).SelectMany(row => row.GetProperty("changes").EnumerateArray()).Select(leaf => leaf.GetProperty("rev").GetRawText())) + "]";
}
