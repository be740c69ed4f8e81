using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.IncrementalScanData;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Scans that look only at what was changed since an earlier one.</summary>
public class IncrementalScanTests
{
    [SkippableFact]
    public async Task An_incremental_scan_looks_at_what_was_changed_since_and_finds_what_is_wrong_there()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Enumerable.Range(0, 40).Select(Sound), .. Conflict("old")]);
        Assert.Equal("old", Assert.Single((await place.Place.ScanAsync(Options(place) with { Incremental = false })).Issues).Subject);
        await place.Server.InsertAsync(place.Database, [.. Conflict("new"), Doc("d1", 2, ["b", "a"], "\"x\":2")]);

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.Equal("new", Assert.Single(issues).Subject);
        Assert.Equal(2, report.Documents);
        Assert.NotNull(report.SinceScan);
        Assert.Empty(report.Remarks);
        Assert.Empty((await place.Place.ScanAsync(Options(place))).Issues);
        Assert.Equal(0, (await place.Place.ScanAsync(Options(place))).Report.Documents);
    }

    [SkippableFact]
    public async Task A_document_that_was_changed_and_is_still_in_conflict_is_the_same_issue_again()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Conflict("d"));
        var first = Assert.Single((await place.Place.ScanAsync(Options(place))).Issues);
        await place.Server.InsertAsync(place.Database, Doc("d", 3, ["d", "b", "a"], "\"x\":3"));

        Assert.Equal(first.Id, Assert.Single((await place.Place.ScanAsync(Options(place))).Issues).Id);
    }

    [SkippableFact]
    public async Task What_was_changed_and_has_its_fault_no_more_is_resolved_and_the_rest_stays_as_it_is()
    {
        await using var place = await ServerPlace.WithAsync(
            Rules, real: false, [.. Conflict("mended"), .. Conflict("still"), .. Conflict("unchanged"), TaskOf("deleted", "\"x\":1"), TaskOf("filled", "\"x\":1"), TaskOf("as-it-was", "\"x\":1")]);
        await place.Place.ScanAsync(Options(place));
        await place.Server.InsertAsync(
            place.Database, Doc("mended", 3, ["t", "c", "a"], "\"_deleted\":true"), Doc("still", 3, ["d", "b", "a"], "\"x\":3"),
            Doc("deleted", 2, ["t", "a"], "\"_deleted\":true"), Doc("filled", 2, ["b", "a"], "\"@type\":\"Task\",\"title\":1"));

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.NotNull(report.SinceScan);
        Assert.Equal("still", Assert.Single(issues).Subject);
        Assert.Equal(["deleted", "filled", "mended"], await KnownAsync(place, IssueStatus.Resolved));
        Assert.Equal(["as-it-was", "still", "unchanged"], await KnownAsync(place, IssueStatus.Open));
        Assert.True((await place.Place.VerifyAsync()).Ok);

        // What comes back is the same issue, reopened.
        await place.Server.InsertAsync(place.Database, Doc("filled", 3, ["c", "b", "a"], "\"@type\":\"Task\""));
        await place.Place.ScanAsync(Options(place));
        Assert.Equal(["filled"], await KnownAsync(place, IssueStatus.Reopened));
    }

    [SkippableTheory]
    [InlineData("min-severity")]
    [InlineData("document-type")]
    [InlineData("types")]
    public async Task An_incremental_scan_that_looks_at_less_resolves_nothing_of_what_it_leaves_out(string filter)
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, TaskOf("filled", "\"x\":1"));
        await place.Place.ScanAsync(Options(place));
        await place.Server.InsertAsync(place.Database, Doc("filled", 2, ["b", "a"], "\"@type\":\"Task\",\"title\":1"));

        var (_, report) = await place.Place.ScanAsync(filter switch
        {
            "min-severity" => Options(place) with { MinimumSeverity = Severity.High },
            "document-type" => Options(place) with { DocumentTypes = ["Task"] },
            _ => Options(place) with { Types = ["conflicts"] },
        });

        Assert.NotNull(report.SinceScan);
        Assert.Equal(["filled"], await KnownAsync(place, IssueStatus.Open));
        await place.Place.ScanAsync(Options(place));
        Assert.Equal(["filled"], await KnownAsync(place, IssueStatus.Resolved));
    }

    [SkippableFact]
    public async Task A_reference_whose_target_is_back_is_resolved_by_a_whole_scan_or_once_the_document_itself_is_changed()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, App("changed", "host"), App("unchanged", "host"));
        await place.Place.ScanAsync(Options(place));
        await place.Server.InsertAsync(
            place.Database, Doc("host", 1, ["a"], "\"@type\":\"ComputerServer\""), Doc("changed", 2, ["b", "a"], "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"host\""));

        var (_, report) = await place.Place.ScanAsync(Options(place));

        Assert.Contains(report.Remarks, remark => remark.Contains("not changed (1) stay open", StringComparison.Ordinal));
        Assert.Equal(["unchanged"], await KnownAsync(place, IssueStatus.Open));
        var (_, whole) = await place.Place.ScanAsync(Options(place) with { Incremental = false });
        Assert.Equal(["changed", "unchanged"], await KnownAsync(place, IssueStatus.Resolved));
        Assert.Empty(whole.Remarks);
    }

    [SkippableFact]
    public async Task How_the_server_keeps_the_database_is_looked_at_as_a_whole_by_every_scan()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 40).Select(Sound)]);
        await place.Server.PutAsync(
            $"{place.Database}/_design/v", """{"autoupdate":false,"views":{"by_x":{"map":"function(d){emit(d.x,1)}"}}}""");
        Assert.Equal(IssueTypes.StaleIndex, Assert.Single((await place.Place.ScanAsync(Options(place))).Issues).Type);
        await place.Server.GetAsync($"{place.Database}/_design/v/_view/by_x?limit=1");

        var (_, report) = await place.Place.ScanAsync(Options(place));

        Assert.Equal(0, report.Documents);
        Assert.Equal(["_design/v"], await KnownAsync(place, IssueStatus.Resolved));
    }

    [SkippableFact]
    public async Task An_incremental_scan_that_was_cut_and_goes_on_resolves_what_was_changed_before_the_cut_too()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  batch_size: 10\n", real: true, Conflict("mended"));
        var options = Options(place) with { SettlingInterval = TimeSpan.Zero };
        await place.Place.ScanAsync(options);
        await place.Server.InsertAsync(place.Database, Doc("mended", 3, ["t", "c", "a"], "\"_deleted\":true"));
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 300).SelectMany(number => Conflict($"c{number:D3}"))]);
        ScanReport? cut = null;
        await place.Place.Engine
            .ScanAsync(options with { Credential = place.Place.Credential, ReportChanged = report => cut = report }, default).Take(100).CountAsync();
        Assert.Empty(await KnownAsync(place, IssueStatus.Resolved));

        var (rest, report) = await place.Place.ScanAsync(new ScanOptions { Resume = cut!.ScanId });

        Assert.Equal((200, 300L), (rest.Count, report.Issues));
        Assert.Equal(["mended"], await KnownAsync(place, IssueStatus.Resolved));
    }

    [SkippableFact]
    public async Task Changed_documents_are_validated_and_their_references_may_lead_to_documents_that_were_not()
    {
        await using var place = await ServerPlace.WithAsync(
            Rules, real: false, TaskOf("good", "\"title\":1"), TaskOf("bad", "\"x\":1"), Doc("host", 1, ["a"], "\"@type\":\"ComputerServer\""));
        Assert.Equal("bad", Assert.Single((await place.Place.ScanAsync(Options(place))).Issues).Subject);
        await place.Server.InsertAsync(
            place.Database, TaskOf("worse", "\"y\":1"), App("right", "host"), App("wrong", "nowhere"));

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.Equal(["worse missing_field", "wrong missing_reference"], issues.Select(issue => $"{issue.Subject} {issue.Type}").Order(StringComparer.Ordinal));
        Assert.Equal(3, report.Documents);
    }

    [SkippableFact]
    public async Task What_only_a_whole_scan_finds_is_said()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, App("app", "host"), Doc("host", 1, ["a"], "\"@type\":\"ComputerServer\""));
        Assert.Empty((await place.Place.ScanAsync(Options(place))).Issues);
        await place.Server.InsertAsync(place.Database, Doc("host", 2, ["b", "a"], "\"_deleted\":true"));

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.Empty(issues);
        Assert.Equal(["id_collision", "semantic_duplicate"], report.NotLookedFor);
        Assert.Null(report.DescribeNotLookedFor()); // They were asked for: '--type all' would change nothing.
        Assert.Contains(report.Remarks, remark => remark.StartsWith("1 changed document deleted meanwhile: ", StringComparison.Ordinal));
        Assert.Contains(report.Remarks, remark => remark.Contains("id_collision", StringComparison.Ordinal));
        Assert.Equal("app", Assert.Single((await place.Place.ScanAsync(Options(place) with { Incremental = false })).Issues).Subject);
    }

    [SkippableFact]
    public async Task An_incremental_scan_for_nothing_but_what_only_a_whole_one_finds_found_nothing_for_ever_and_looks_at_everything()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, Doc("a", 1, ["a"], "\"type\":\"T\",\"identifier\":\"k\""), Doc("b", 1, ["a"], "\"type\":\"T\",\"identifier\":\"k\""));
        await place.Place.ScanAsync(Options(place) with { Types = ["all"] });

        var (issues, report) = await place.Place.ScanAsync(Options(place) with { Types = ["duplicates"] });

        Assert.Equal("a", Assert.Single(issues).Subject);
        Assert.Contains("Everything was looked at: only a whole scan looks for id_collision, semantic_duplicate.", report.Remarks);
    }

    [SkippableFact]
    public async Task A_feed_with_bodies_that_is_cut_gives_every_changed_document_once()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, TaskOf("first", "\"title\":1"));
        var cut = new Once();
        using var proxy = new CuttingProxy(
            place.Server.Address,
            line => Task.FromResult(line.Contains("include_docs", StringComparison.Ordinal) && cut.IsFirst() ? Cut.HalfAnswer : Cut.None));
        var options = Options(place) with { Store = $"couchdb://{proxy.Authority}/{place.Database}" };
        await place.Place.ScanAsync(options);
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 30).Select(number => TaskOf($"bad{number:D2}", "\"x\":1"))]);

        cut = new Once();
        var (issues, _) = await place.Place.ScanAsync(options);

        Assert.False(cut.IsFirst());
        Assert.Equal(Enumerable.Range(0, 30).Select(number => $"bad{number:D2}"), issues.Select(issue => issue.Subject).Order(StringComparer.Ordinal));
    }

    private static async Task<List<string>> KnownAsync(ServerPlace place, IssueStatus status) =>
        [.. (await place.Place.Engine.Issues.ListAsync(new ScanOptions(), [status], default).Select(issue => issue.Subject).ToListAsync()).Order(StringComparer.Ordinal)];
}
