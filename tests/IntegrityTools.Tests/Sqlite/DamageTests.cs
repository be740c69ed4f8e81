using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Scanning;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Each kind of damage is told as what it is.</summary>
public class DamageTests
{
    private const int PageSize = 4096;

    [Fact]
    public async Task A_sound_database_has_no_issue_above_info()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Severity > Severity.Info);
    }

    [Fact]
    public async Task A_header_that_counts_too_few_pages_was_not_told_beside_the_pages_that_seemed_not_to_exist()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var pages = new FileInfo(place.Database).Length / PageSize;
        Databases.Overwrite(place.Database, 28, 0, 0, 0, 5);
        Assert.Contains(await place.ScanWithoutTraceAsync(), issue =>
            issue is { Type: IssueTypes.DamagedPage, Subject: "page:1" } && issue.Message.Contains($"counts 5 pages, and the file has {pages}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_its_application_lets_grow_in_large_steps_is_sound()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        await using (var file = new FileStream(place.Database, FileMode.Open))
        {
            file.SetLength(file.Length + (32 * PageSize));
        }

        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Type == IssueTypes.DamagedPage);
    }

    [Fact]
    public async Task Rows_that_an_index_lacks_are_a_fault_of_the_index_and_not_of_the_table()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Databases.ChangeBehindIndex(place.Database, "order_customer", "INSERT INTO \"order\" VALUES (5000, 7, 'new', 1)");
        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Severity > Severity.Info);
        Assert.Equal((IssueTypes.IndexMismatch, "index:order_customer", true), (issue.Type, issue.Subject, issue.CanAutoResolve));
        var evidence = Assert.IsType<FileEvidence>(issue.Evidence);
        Assert.Equal("order", evidence.Table);
        Assert.Equal([601L], evidence.Rows);
    }

    [Fact]
    public async Task A_destroyed_page_is_told_with_the_table_or_the_index_to_which_it_belongs()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var root = (long)Databases.Ask(place.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'order'")!;
        var bytes = await File.ReadAllBytesAsync(place.Database);
        var inner = bytes.AsMemory((int)(root - 1) * PageSize, PageSize);
        var table = BinaryPrimitives.ReadUInt32BigEndian(inner.Span[BinaryPrimitives.ReadUInt16BigEndian(inner.Span[16..])..]);
        Databases.Overwrite(place.Database, (table - 1) * PageSize, new byte[PageSize]);
        var issues = await place.ScanWithoutTraceAsync();
        var page = Assert.Single(issues, issue => issue.Subject == $"page:{table}");
        Assert.Equal((IssueTypes.DamagedPage, Severity.Critical, "order"), (page.Type, page.Severity, page.DocumentType));

        // That its index is wrong is not sure: the rows that it has too many are those that are lost.
        Assert.All(issues.Where(issue => issue.Type == IssueTypes.IndexMismatch), issue => Assert.False(issue.CanAutoResolve));
        var plan = await place.Work.PlanAsync(issues);
        Assert.Equal(OperationTypes.Salvage, Assert.Single(plan.Operations, operation => !operation.NeedsReview).Type);

        await using var other = new Place();
        Databases.Create(other.Database, Databases.Shop);
        var index = (long)Databases.Ask(other.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'item_order'")!;
        Databases.Overwrite(other.Database, (index - 1) * PageSize, 99);
        var found = Assert.Single(await other.ScanWithoutTraceAsync(), issue => issue.Severity > Severity.Info);
        Assert.Equal((IssueTypes.IndexMismatch, "index:item_order"), (found.Type, found.Subject));
    }

    [Theory]
    [InlineData("loop", "named before")]
    [InlineData("beyond", "does not exist")]
    [InlineData("absurd", "room for")]
    [InlineData("count", "counts")]
    public async Task A_list_of_free_pages_that_SQLite_takes_on_trust_is_checked(string damage, string told)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, "CREATE TABLE big AS SELECT hex(randomblob(3000)) AS x FROM customer", "DROP TABLE big");
        var bytes = await File.ReadAllBytesAsync(place.Database);
        var trunk = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(32));
        var at = (trunk - 1) * PageSize;
        var (offset, value) = damage switch
        {
            "loop" => (at, trunk),
            "beyond" => (at + 8, 9_999_999u),
            "absurd" => (at + 4, 0x7fffffffu),
            _ => (36u, BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(36)) - 1),
        };
        var number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, value);
        Databases.Overwrite(place.Database, offset, number);
        Assert.Contains(
            await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedPage && issue.Message.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_told_as_cut_off()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        using (var file = new FileStream(place.Database, FileMode.Open))
        {
            file.SetLength(file.Length - (3 * PageSize));
        }

        Assert.Contains(await place.ScanWithoutTraceAsync(), issue =>
            issue is { Subject: "page:1", Severity: Severity.Critical } && issue.Message.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Values_that_the_schema_forbids_are_told_row_by_row()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database,
            "CREATE TABLE \"a.b\" (id INTEGER PRIMARY KEY, \"c.d\" TEXT, n INT CHECK (n > 0 AND \"c.d\" <> 'CHECK (0)') /* CHECK (n > 5) */)",
            "PRAGMA ignore_check_constraints = ON; INSERT INTO \"a.b\" VALUES (1, 'x', 1), (2, NULL, 1), (3, 'y', -1)",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'TEXT NOT NULL')");
        var issues = (await place.ScanWithoutTraceAsync()).Where(issue => issue.Type == IssueTypes.ConstraintViolation).ToList();
        Assert.Equal(["a.b/2", "a.b/3"], issues.Select(issue => issue.Subject));
        Assert.Equal(["c.d"], Assert.IsType<RowEvidence>(issues[0].Evidence).Columns);
        Assert.Equal("check", Assert.IsType<RowEvidence>(issues[1].Evidence).Rule);
    }

    [Theory]
    [InlineData("empty", "empty (0 bytes)")]
    [InlineData("text", "no database")]
    [InlineData("gzip", "gzip")]
    [InlineData("zeros", "zero")]
    [InlineData("encrypted", "looks encrypted")]
    public async Task What_is_no_database_is_told_as_what_it_is(string kind, string told)
    {
        await using var place = new Place();
        var bytes = kind switch
        {
            "empty" => [],
            "text" => "Dear diary, this is not a database at all."u8.ToArray(),
            "gzip" => Gzip(),
            "zeros" => new byte[3 * PageSize],
            _ => RandomNumberGenerator.GetBytes(6 * PageSize),
        };
        await File.WriteAllBytesAsync(place.Database, bytes);
        var issue = Assert.Single(await place.ScanWithoutTraceAsync());
        Assert.Equal(IssueTypes.NotADatabase, issue.Type);
        Assert.Contains(told, issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_a_missing_file_and_a_link_to_nothing_are_refused_by_their_names()
    {
        await using var place = new Place();
        var folder = await Assert.ThrowsAsync<IntegrityException>(async () => await place.Work.ScanAsync("sqlite:" + place.Data));
        Assert.Contains("is a folder", folder.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<IntegrityException>(async () => await place.ScanAsync());
        Assert.Equal(ErrorIds.StoreNotFound, missing.ErrorId);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(place.Database, place.Work.PathOf("nowhere.db"));
            var dangling = await Assert.ThrowsAsync<IntegrityException>(async () => await place.ScanAsync());
            Assert.Contains("link to", dangling.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Views_with_subqueries_and_foreign_keys_without_an_index_are_told()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database,
            "CREATE TABLE events (id INTEGER PRIMARY KEY, aggregate_id TEXT, kind TEXT, parent INTEGER REFERENCES events(id))",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO events SELECT i, i % 50, 'x', NULL FROM n",
            "CREATE VIEW status AS SELECT aggregate_id, (SELECT count(*) FROM events e2 WHERE e2.aggregate_id = e.aggregate_id) AS n FROM events e GROUP BY aggregate_id");
        var issues = await place.ScanWithoutTraceAsync();
        Assert.Equal("status", Assert.Single(issues, issue => issue.Type == IssueTypes.CostlyView).Subject);
        Assert.Equal("events(parent)", Assert.Single(issues, issue => issue.Type == IssueTypes.MissingIndex).Subject);
    }

    [Theory]
    [InlineData("Data Source=app.db;Foreign Keys=False;Default Timeout=0", "foreign_keys,busy_timeout")]
    [InlineData("file:app.db?_pragma=synchronous(0)&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)", "synchronous")]
    [InlineData("app.db?_journal=MEMORY&_synchronous=FULL&_fk=true&_busy_timeout=5000", "journal_mode")]
    [InlineData("app.db?_foreign_keys=on&_busy_timeout=5000&_sync=2", "")]
    public async Task Settings_that_no_file_keeps_are_judged_by_the_applications_connection(string connection, string risky)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var scanner = new SqliteScanner(place.Database, "sqlite:x", new SqliteSettings(), connection);
        var request = new Stores.ScanRequest { ScanId = "s", Types = IssueTypes.Expand([IssueTypes.UnsafeSetting]) };
        Assert.Equal(risky, string.Join(',', scanner.Run(request, new Stores.ScanStatistics(), default).Select(issue => issue.Subject)));
    }

    [Theory]
    [InlineData("On tree page 7 cell 3: 2nd reference to page 9", CheckSubject.Page, 7L, null, 3)]
    [InlineData("Tree 4 page 7 cell 3: Rowid 12 out of order", CheckSubject.Page, 7L, 4L, 3)]
    [InlineData("Tree 4 page 7 right child: Child page depth differs", CheckSubject.Page, 7L, 4L, null)]
    [InlineData("On page 7 at right child: invalid page number 0", CheckSubject.Page, 7L, null, null)]
    [InlineData("Page 7: btreeInitPage() returns error code 11", CheckSubject.Page, 7L, null, null)]
    [InlineData("Page 7 is never used", CheckSubject.UnusedPage, 7L, null, null)]
    [InlineData("Page 7: never used", CheckSubject.UnusedPage, 7L, null, null)]
    [InlineData("Main freelist: size is 3 but should be 4", CheckSubject.FreePages, null, null, null)]
    [InlineData("Freelist: invalid page number 77", CheckSubject.FreePages, null, null, null)]
    [InlineData("Multiple uses for byte 4000 of page 7", CheckSubject.Page, 7L, null, null)]
    [InlineData("Fragmentation of 8 bytes reported as 0 on page 7", CheckSubject.Page, 7L, null, null)]
    [InlineData("wrong # of entries in index i 1", CheckSubject.Index, null, null, null)]
    [InlineData("row 12 missing from index i 1", CheckSubject.Index, null, null, null)]
    [InlineData("row 12 values differ from index i 1", CheckSubject.Index, null, null, null)]
    [InlineData("rowid not at end-of-record for row 12 of index i 1", CheckSubject.Index, null, null, null)]
    [InlineData("index i 1 stores an imprecise floating-point value for row 12", CheckSubject.Index, null, null, null)]
    [InlineData("non-unique entry in index i 1", CheckSubject.Unique, null, null, null)]
    [InlineData("NULL value in t.c", CheckSubject.NotNull, null, null, null)]
    [InlineData("CHECK constraint failed in t", CheckSubject.Check, null, null, null)]
    [InlineData("non-INT value in t.c", CheckSubject.Type, null, null, null)]
    [InlineData("malformed inverted index for FTS5 table main.i 1", CheckSubject.FullText, null, null, null)]
    [InlineData("unable to validate the inverted index for FTS4 table main.i 1: SQL logic error", CheckSubject.FullText, null, null, null)]
    [InlineData("fts5: corruption on page 3, segment 2, table \"i 1\"", CheckSubject.FullText, null, null, null)]
    [InlineData("fts5: checksum mismatch for table \"i 1\"", CheckSubject.FullText, null, null, null)]
    [InlineData("fts5: corrupt structure record for table \"i 1\"", CheckSubject.FullText, null, null, null)]
    [InlineData("something that SQLite 4 says", CheckSubject.Other, null, null, null)]
    internal void Every_line_of_the_check_is_taken_apart(string line, CheckSubject subject, long? page, long? tree, int? cell)
    {
        var message = Assert.Single(CheckMessage.ParseAll("*** in database main ***\n" + line));
        Assert.Equal((subject, page, tree, cell), (message.Subject, message.Page, message.Tree, message.Cell));
        if (subject is CheckSubject.Index or CheckSubject.Unique)
        {
            Assert.Equal("i 1", message.Index);
            Assert.Equal(line.Contains("12", StringComparison.Ordinal) ? 12 : null, message.Row);
        }

        if (subject == CheckSubject.FullText)
        {
            Assert.Equal("i 1", message.Table);
        }
    }

    [Fact]
    internal void The_lines_about_an_RTree_are_one_finding()
    {
        var message = Assert.Single(CheckMessage.ParseAll("In RTree main.places:\nNode 1 is too small (10 bytes)\nWrong number of entries in %_rowid table - expected 0, actual 2"));
        Assert.Equal((CheckSubject.RTree, "places"), (message.Subject, message.Table));
        Assert.Contains("too small (10 bytes); Wrong number", message.Text, StringComparison.Ordinal);
    }

    private static byte[] Gzip()
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
        {
            gzip.Write(new byte[5000]);
        }

        return stream.ToArray();
    }
}
