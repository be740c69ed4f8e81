using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Validation;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>What a scan looks for when nobody names types, and what it says about the rest.</summary>
public class UsualTypesTests
{
    private static readonly string[] Documents =
    [
        ContentPlace.Doc("app", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"nowhere\""), ContentPlace.Doc("task", "\"@type\":\"Task\""),
    ];

    [Theory]
    [InlineData("resolution: {}\n", "")]
    [InlineData("validation:\n  check_references: true\n", "")]
    [InlineData("validation:\n  required_fields: { Task: [title] }\n", "app missing_reference, task missing_field")]
    [InlineData("validation:\n  known_types: [Task]\n", "app missing_reference, app unknown_type")]
    [InlineData("validation:\n  strict_mode: true\n", "app missing_reference, task unknown_type")]
    [InlineData("validation:\n  references: [ { document_type: SoftwareApplication, path: hostedOn } ]\n", "app missing_reference")]
    [InlineData("validation:\n  check_references: false\n  references: [ { document_type: SoftwareApplication, path: hostedOn } ]\n", "")]
    public async Task Bodies_are_read_when_the_configuration_names_something_for_which_they_are_needed(string configuration, string expected)
    {
        await using var place = new Workplace(configuration);
        var (issues, report) = await place.ScanAsync(new ScanOptions { Store = ContentPlace.WriteDump(place, Documents) });

        Assert.Equal(expected, string.Join(", ", issues.Select(issue => $"{issue.Subject} {issue.Type}").Order(StringComparer.Ordinal)));
        Assert.Equal(expected.Length == 0 ? "duplicates, validation" : null, report.DescribeNotLookedFor());
    }

    [Fact]
    public async Task What_was_looked_for_and_what_was_not_stands_in_the_record()
    {
        await using var place = new Workplace();
        var store = ContentPlace.WriteDump(place, Documents);

        var (_, usual) = await place.ScanAsync(new ScanOptions { Store = store });
        var (issues, all) = await place.ScanAsync(new ScanOptions { Store = store, Types = ["all"] });

        Assert.Equal(["checksum_mismatch", "edit_delete_conflict", "merge_candidates", "revision_conflict", "unreadable_entry", "version_mismatch"], usual.Scope.Types);
        Assert.Equal(["missing_field", "missing_reference", "schema_violation", "semantic_duplicate", "unknown_type", "unusable_schema"], usual.NotLookedFor);
        Assert.Empty(all.NotLookedFor);
        Assert.Equal("missing_reference", Assert.Single(issues).Type);
    }

    [Theory]
    [InlineData("duplicates", "needs a running server: id_collision")]
    [InlineData("IdCollision", "needs a running server: id_collision")]
    [InlineData("damaged_page", "No store of kind couchdump has these: damaged_page.")]
    [InlineData("validation", null)]
    public async Task A_dump_says_what_it_cannot_be_asked_for(string type, string? told)
    {
        await using var place = new Workplace();

        var (_, report) = await place.ScanAsync(new ScanOptions { Store = ContentPlace.WriteDump(place, Documents), Types = [type] });

        if (told is null)
        {
            Assert.Empty(report.Remarks);
        }
        else
        {
            Assert.Contains(told, Assert.Single(report.Remarks), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_incremental_scan_of_a_dump_looks_at_everything_and_says_why()
    {
        await using var place = new Workplace();
        var options = new ScanOptions { Store = ContentPlace.WriteDump(place, Documents), Incremental = true };
        await place.ScanAsync(options);

        var (_, report) = await place.ScanAsync(options);

        Assert.Equal(2, report.Documents);
        Assert.Contains("dump", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_type_is_one_that_some_kind_of_store_can_have()
    {
        var known = IssueTypes.Expand([.. IssueTypes.Names]);
        Assert.Equal(known.Order(StringComparer.Ordinal), IssueTypes.OfCouchDb.Union(IssueTypes.OfDumps).Union(IssueTypes.OfSqlite).Order(StringComparer.Ordinal));
        Assert.Equal([IssueTypes.MissingIndex], IssueTypes.OfSqlite.Intersect(IssueTypes.OfCouchDb));
    }
}
