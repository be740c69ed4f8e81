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

    private static string Dump(Workplace place, string ancestor, string left, string right) => ContentPlace.WriteDump(
        place,
        ServerScanTests.Doc("d", 1, ["a"], ancestor),
        ServerScanTests.Doc("d", 2, ["b", "a"], left),
        ServerScanTests.Doc("d", 2, ["c", "a"], right));
}
