using System.Buffers.Binary;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>What names pages wrongly, of which SQLite's own check says nothing or only half.</summary>
public class PageDamageTests
{
    private const int PageSize = 4096;
    private const string Large = "CREATE TABLE big (id INTEGER PRIMARY KEY, x TEXT); INSERT INTO big VALUES (1, hex(zeroblob(9000))), (2, hex(zeroblob(9000))), (3, 'small')";

    [Fact]
    public async Task A_free_page_that_a_table_uses_is_told_with_both_of_its_uses()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, "CREATE TABLE gone AS SELECT hex(randomblob(3000)) AS x FROM customer", "DROP TABLE gone");
        var bytes = await File.ReadAllBytesAsync(place.Database);
        var trunk = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(32));
        var root = (uint)(long)Databases.Ask(place.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'customer'")!;
        Write(place, ((trunk - 1) * PageSize) + 8, root);

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Subject == $"page:{root}");

        Assert.Equal((IssueTypes.DamagedPage, Severity.Critical), (issue.Type, issue.Severity));
        Assert.Contains($"free page (listed on page {trunk})", issue.Message, StringComparison.Ordinal);
        Assert.Contains("the root of table customer", issue.Message, StringComparison.Ordinal);
        Assert.Contains("written over live ones", issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_rows_that_share_an_overflow_page_are_told_once_with_the_places_of_both()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, Large);
        var (first, second) = Chains(place);
        Write(place, (first - 1) * PageSize, second + 1);

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Subject == $"page:{second + 1}");

        Assert.Equal("big", issue.DocumentType);
        Assert.Contains($"(after page {first})", issue.Message, StringComparison.Ordinal);
        Assert.Contains($"(after page {second})", issue.Message, StringComparison.Ordinal);
        Assert.Contains("shows the other's content as its own", issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_overflow_pages_that_ends_too_early_is_told_with_its_row()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, Large);
        var (first, _) = Chains(place);
        Write(place, (first - 1) * PageSize, 0);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue =>
            issue.Subject == $"page:{first}" && issue.Message.Contains("too early", StringComparison.Ordinal) && issue.DocumentType == "big");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(4, 99)]
    public async Task A_pointer_map_that_is_wrong_about_a_page_is_told(int at, byte value)
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA auto_vacuum = FULL", Databases.Shop, Large);
        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedPage);
        Databases.Overwrite(place.Database, PageSize + (5 * 3) + at, value);

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedPage);

        Assert.Equal("page:2", issue.Subject);
        Assert.Contains("page 6:", issue.Message, StringComparison.Ordinal);
        Assert.Contains("Auto-vacuum moves pages by it", issue.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(18, 7, "version numbers")]
    [InlineData(47, 9, "schema format")]
    [InlineData(67, 1, "incremental vacuum")]
    [InlineData(95, 200, "page count is for change")]
    public async Task A_header_that_contradicts_itself_is_told(int at, byte value, string told)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Databases.Overwrite(place.Database, at, value);
        Assert.Contains(
            await place.ScanWithoutTraceAsync(), issue => issue is { Type: IssueTypes.DamagedPage, Subject: "page:1" } && issue.Message.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_in_a_log_are_checked_as_they_will_be()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "PRAGMA journal_mode = WAL", Databases.Shop);
        using var session = new Session(place.Database);
        session.Run("CREATE TABLE gone AS SELECT hex(randomblob(3000)) AS x FROM customer");
        session.Run("DROP TABLE gone");
        session.Run("CREATE TABLE big AS SELECT hex(zeroblob(9000)) AS x FROM customer LIMIT 20");
        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedPage);
    }

    [Fact]
    public async Task A_check_that_calls_the_applications_own_function_is_told_as_not_checked()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database,
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, CHECK (n < 10))",
            "INSERT INTO t VALUES (1, 5)",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'n < 10', 'is_prime(n)')");
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.UncheckedConstraint);
        Assert.Equal(("t", Severity.Info), (issue.Subject, issue.Severity));
        Assert.Contains("is_prime", issue.Message, StringComparison.Ordinal);
    }

    private static void Write(Place place, long offset, uint value)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, value);
        Databases.Overwrite(place.Database, offset, number);
    }

    /// <summary>The first overflow pages of the two large rows.</summary>
    private static (uint First, uint Second) Chains(Place place)
    {
        var root = (uint)(long)Databases.Ask(place.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'big'")!;
        var page = File.ReadAllBytes(place.Database).AsSpan((int)(root - 1) * PageSize, PageSize);
        var view = BtreePage.Of(page, root, PageSize);
        Assert.True(view.TryCell(0, out var first) & view.TryCell(1, out var second));
        return (first.Overflow, second.Overflow);
    }
}
