using IntegrityTools.Model;
using IntegrityTools.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Which versions of SQLite have which bugs.</summary>
public class LibraryBugTests
{
    [Theory]
    [InlineData("3.7.0", "WAL-reset bug, Windows recovery bug, mode switch bug, file growth bug")]
    [InlineData("3.35.4", "WAL-reset bug, nested transaction bug, DROP COLUMN bug")]
    [InlineData("3.37.1", "WAL-reset bug, nested transaction bug")]
    [InlineData("3.44.5", "WAL-reset bug")]
    [InlineData("3.44.6", "")]
    [InlineData("3.45.0", "WAL-reset bug")]
    [InlineData("3.50.4", "WAL-reset bug")]
    [InlineData("3.50.7", "")]
    [InlineData("3.51.2", "WAL-reset bug")]
    [InlineData("3.51.3", "")]
    public void A_version_has_the_bugs_that_were_known_by_then_unless_its_own_series_was_mended(string version, string bugs) =>
        Assert.Equal(bugs, string.Join(", ", LibraryBug.All.Where(bug => bug.IsIn(Version.Parse(version))).Select(bug => bug.Name)));

    [Fact]
    public async Task The_library_of_the_last_writer_is_told_with_the_page_that_tells_of_its_bug()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Databases.Overwrite(place.Database, 96, [0, 0x2e, 0x57, 0x49]); // 3.37.1

        var issue = Assert.Single(await place.ScanAsync(), issue => issue.Type == IssueTypes.VulnerableLibrary && issue.Severity > Severity.Info);

        Assert.Contains("3.37.1, which has the nested transaction bug", issue.Message, StringComparison.Ordinal);
        Assert.Contains("howtocorrupt", Assert.IsType<SettingEvidence>(issue.Evidence).Detail, StringComparison.Ordinal);
    }
}
