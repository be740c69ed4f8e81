using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Validation;

namespace IntegrityTools.Tests.CouchDb;

public class ConflictKindTests
{
    private const string Fields = "resolution: { version_fields: [rev_no], checksum_fields: [sum] }\n";

    [Theory]
    [InlineData("\"t\":1,\"s\":1", "\"t\":2,\"s\":1", "\"t\":1,\"s\":2", "edit_edit merge_candidates")]
    [InlineData("\"t\":1", "\"t\":2", "\"t\":3", "edit_edit")]
    [InlineData("\"a\":{\"b\":1}", "\"a\":{\"b\":2}", "\"a\":5", "edit_edit")]
    [InlineData("\"t\":1,\"rev_no\":1", "\"t\":2,\"rev_no\":2", "\"t\":3,\"rev_no\":2", "edit_edit")]
    [InlineData("\"t\":1,\"rev_no\":1", "\"t\":2,\"rev_no\":2", "\"t\":3,\"rev_no\":3", "edit_edit version_mismatch")]
    [InlineData("\"t\":1", "\"t\":2,\"sum\":\"x\"", "\"t\":3", "edit_edit checksum_mismatch")]
    [InlineData("\"t\":1,\"s\":1,\"rev_no\":1,\"sum\":\"x\"", "\"t\":2,\"s\":1,\"rev_no\":2,\"sum\":\"y\"", "\"t\":1,\"s\":2,\"rev_no\":3,\"sum\":\"z\"", "edit_edit version_mismatch checksum_mismatch merge_candidates")]
    public async Task A_conflict_names_its_kinds(string ancestor, string left, string right, string kinds)
    {
        await using var place = new Workplace(Fields);

        var issue = Assert.Single(await place.ScanAsync(Dump(place, ancestor, left, right)));

        Assert.Equal(IssueTypes.RevisionConflict, issue.Type);
        Assert.Equal(kinds, string.Join(' ', ((ConflictEvidence)issue.Evidence).Kinds));
    }

    [Theory]
    [InlineData("version_mismatch", true)]
    [InlineData("ChecksumMismatch", false)]
    [InlineData("merge_candidates", false)]
    [InlineData("conflicts", true)]
    [InlineData("revision_conflict", true)]
    [InlineData("edit_delete_conflict", false)]
    public async Task A_scan_can_be_narrowed_to_a_kind_and_finds_the_same_issue(string type, bool found)
    {
        await using var place = new Workplace(Fields);
        var store = Dump(place, "\"t\":1,\"rev_no\":1", "\"t\":2,\"rev_no\":2", "\"t\":3,\"rev_no\":3");
        var all = Assert.Single(await place.ScanAsync(store));

        var issues = await ContentPlace.ScanAsync(place, store, type);

        Assert.Equal(found ? [all.Id] : [], issues.Select(issue => issue.Id));
    }

    /// <summary>Two live leaves are medium by themselves. A tier raises, and never lowers.</summary>
    [Theory]
    [InlineData("critical: [t]", "\"t\":2", "\"t\":3", Severity.Critical)]
    [InlineData("high: [t]", "\"t\":2", "\"t\":3", Severity.High)]
    [InlineData("medium: [t]", "\"t\":2", "\"t\":3", Severity.Medium)]
    [InlineData("medium: [t], critical: [t]", "\"t\":2", "\"t\":3", Severity.Critical)]
    [InlineData("critical: [t]", "\"t\":1,\"s\":2", "\"t\":1,\"s\":3", Severity.Medium)]
    [InlineData("critical: [t]", "\"t\":1,\"s\":{\"t\":2}", "\"t\":1,\"s\":{\"t\":3}", Severity.Medium)]
    [InlineData("critical: [s.t]", "\"t\":1,\"s\":{\"t\":2}", "\"t\":1,\"s\":{\"t\":3}", Severity.Critical)]
    [InlineData("critical: [s]", "\"t\":1,\"s\":{\"t\":{\"u\":2}}", "\"t\":1,\"s\":{\"t\":{\"u\":3}}", Severity.Critical)]
    [InlineData("high: [s.*]", "\"t\":1,\"s\":{\"t\":2}", "\"t\":1,\"s\":{\"t\":3}", Severity.High)]
    [InlineData("high: [gone]", "\"t\":2,\"gone\":1", "\"t\":1", Severity.High)]
    public async Task A_field_of_a_tier_raises_what_a_conflict_about_it_weighs(string tiers, string left, string right, Severity severity)
    {
        await using var place = new Workplace($"resolution: {{ field_tiers: {{ {tiers} }} }}\n");

        var issue = Assert.Single(await place.ScanAsync(Dump(place, "\"t\":1", left, right)));

        Assert.Equal(severity, issue.Severity);
    }

    /// <summary>The rules for fields decide what becomes of a conflict of each kind; the kind itself decides nothing.</summary>
    [Theory]
    [InlineData("{ path: t, rule: max }, { path: rev_no, rule: max }", true)]
    [InlineData("{ path: t, rule: max }", false)]
    [InlineData("{ path: t, prefer: [3, 2] }, { path: rev_no, rule: max }", true)]
    [InlineData("{ path: t, rule: manual }, { path: rev_no, rule: max }", false)]
    public async Task Rules_for_its_fields_decide_a_conflict_of_versions(string rules, bool decided)
    {
        await using var place = new Workplace($"resolution:\n  version_fields: [rev_no]\n  rules: [ {rules} ]\n");
        var issue = Assert.Single(await place.ScanAsync(Dump(place, "\"t\":1,\"rev_no\":1", "\"t\":2,\"rev_no\":2", "\"t\":3,\"rev_no\":3")));
        Assert.Equal(["edit_edit", "version_mismatch"], ((ConflictEvidence)issue.Evidence).Kinds);

        var operation = Assert.Single((await place.PlanAsync([issue])).Operations);

        Assert.Equal(!decided, operation.NeedsReview);
        if (decided)
        {
            var merged = operation.NewValue!.Value.Parse().RootElement;
            Assert.Equal((3, 3), (merged.GetProperty("t").GetInt32(), merged.GetProperty("rev_no").GetInt32()));
        }
    }

    [Theory]
    [InlineData("low", false)]
    [InlineData("medium", true)]
    public async Task A_conflict_above_max_severity_is_left_to_a_person_whatever_its_kind(string most, bool planned)
    {
        await using var place = new Workplace($"resolution: {{ default_strategy: highest_rev, max_severity: {most} }}\n");
        var store = ContentPlace.WriteDump(
            place,
            ServerScanTests.Doc("d", 1, ["a"], "\"t\":1"), ServerScanTests.Doc("d", 2, ["b", "a"], "\"t\":2"), ServerScanTests.Doc("d", 2, ["c", "a"], "\"_deleted\":true"),
            ServerScanTests.Doc("e", 1, ["a"], "\"t\":1"), ServerScanTests.Doc("e", 2, ["b", "a"], "\"t\":2"), ServerScanTests.Doc("e", 2, ["c", "a"], "\"t\":3"));
        var issues = await place.ScanAsync(store);
        Assert.Equal([Severity.Medium, Severity.Medium], issues.Select(issue => issue.Severity));

        var plan = await place.PlanAsync(issues);

        Assert.Equal(planned ? 2 : 0, plan.Automatic);
        Assert.All(plan.Operations.Where(operation => operation.NeedsReview), operation => Assert.Contains("above the bound", operation.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edit_against_a_deletion_is_of_that_kind_alone()
    {
        await using var place = new Workplace(Fields);
        var store = ContentPlace.WriteDump(
            place,
            ServerScanTests.Doc("d", 1, ["a"], "\"t\":1"),
            ServerScanTests.Doc("d", 2, ["b", "a"], "\"t\":2"),
            ServerScanTests.Doc("d", 2, ["c", "a"], "\"_deleted\":true"));

        Assert.Equal(["edit_delete"], ((ConflictEvidence)Assert.Single(await place.ScanAsync(store)).Evidence).Kinds);
    }

    [Fact]
    public async Task A_deletion_of_what_one_of_two_live_leaves_edited_is_found_when_deletions_of_edits_are_asked_for_and_decided_with_the_edits()
    {
        await using var place = new Workplace(Fields);
        var store = ContentPlace.WriteDump(
            place,
            ServerScanTests.Doc("d", 1, ["a"], "\"t\":1,\"s\":1"),
            ServerScanTests.Doc("d", 2, ["b", "a"], "\"t\":2,\"s\":1"),
            ServerScanTests.Doc("d", 2, ["c", "a"], "\"t\":1,\"s\":2"),
            ServerScanTests.Doc("d", 2, ["e", "a"], "\"_deleted\":true"));
        var all = Assert.Single(await place.ScanAsync(store));
        Assert.Equal(IssueTypes.RevisionConflict, all.Type);
        Assert.Equal(["edit_edit", "edit_delete", "merge_candidates"], ((ConflictEvidence)all.Evidence).Kinds);
        Assert.EndsWith("; somebody deleted what one of them edited.", all.Message, StringComparison.Ordinal);

        var found = Assert.Single(await ContentPlace.ScanAsync(place, store, "edit_delete_conflict"));
        var recorded = await place.Engine.ReadIssuesAsync(all.ScanId, new ScanOptions { Types = ["EditDeleteConflict"] }, default).ToListAsync();
        Assert.Equal([all.Id, all.Id], recorded.Prepend(found).Select(issue => issue.Id));

        await place.RunAsync(await place.PlanAsync([found]), place.PathOf("repaired.jsonl"));
        Assert.Empty(await place.ScanAsync("couchdump:" + place.PathOf("repaired.jsonl")));
    }

    private static string Dump(Workplace place, string ancestor, string left, string right) => ContentPlace.WriteDump(
        place,
        ServerScanTests.Doc("d", 1, ["a"], ancestor),
        ServerScanTests.Doc("d", 2, ["b", "a"], left),
        ServerScanTests.Doc("d", 2, ["c", "a"], right));
}
