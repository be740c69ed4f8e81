using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Rows that break a rule of their schema: all of them are told, each by itself, and no others.</summary>
public class BrokenRuleTests
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) ";

    [Fact]
    public async Task Of_3000_rows_that_broke_a_CHECK_1000_were_told_as_if_they_were_all()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t(id INTEGER PRIMARY KEY, v CHECK (v > 0))", "PRAGMA ignore_check_constraints = ON; " + Numbers + "INSERT INTO t SELECT i, -1 FROM n");

        var found = (await place.ScanWithoutTraceAsync()).Where(issue => issue.Type == IssueTypes.ConstraintViolation).ToList();

        Assert.Equal(1001, found.Count);
        var rest = Assert.Single(found, issue => issue.Subject == "t");
        Assert.Equal(2000, ((RowEvidence)rest.Evidence).Count);
        Assert.Contains("2,000 rows more", rest.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_NULLs_than_the_check_lists_were_called_damage_and_hid_an_index_that_lacked_a_row()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE a(id INTEGER PRIMARY KEY, v); CREATE TABLE z(v); CREATE INDEX z_v ON z(v)", Numbers + "INSERT INTO a SELECT i, NULL FROM n",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE a(id INTEGER PRIMARY KEY, v NOT NULL)' WHERE name = 'a'");
        Databases.ChangeBehindIndex(place.Database, "z_v", "INSERT INTO z VALUES (1)");

        var issues = await place.ScanWithoutTraceAsync();

        Assert.DoesNotContain(issues, issue => issue.Type == IssueTypes.DamagedPage);
        Assert.Equal("index:z_v", Assert.Single(issues, issue => issue.Type == IssueTypes.IndexMismatch).Subject);
        Assert.Equal(3000, issues.Where(issue => issue.Type == IssueTypes.ConstraintViolation).Sum(issue => ((RowEvidence)issue.Evidence).Count));
    }

    [Theory]
    [InlineData("INTEGER", "TEXT", "NUMERIC value in t.v", "t/1 t/2")]
    [InlineData("TEXT", "INTEGER", "TEXT value in t.v", "t/1 t/2")]
    public async Task A_value_that_its_column_would_have_converted_made_every_row_of_the_table_one_of_another_type(string was, string now, string line, string expected)
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, $"CREATE TABLE t(id INTEGER PRIMARY KEY, v {was}); INSERT INTO t VALUES (1, 5), (2, '1.5'), (3, 'abc'), (4, NULL), (5, x'01')",
            $"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE t(id INTEGER PRIMARY KEY, v {now})' WHERE name = 't'");
        using var connection = Databases.Open(place.Database);
        var files = DatabaseFiles.Find(place.Database);
        var context = new CheckContext
        {
            Request = new ScanRequest { ScanId = "scan", Types = IssueTypes.OfSqlite, MinimumSeverity = Severity.Info },
            Store = "sqlite:app.db",
            Files = files,
            Header = files.RequireHeader(),
            Settings = new SqliteSettings(),
        };

        // From 3.38 on SQLite's check says so.
        var issues = new ConstraintChecks(context, connection, DatabaseSchema.Read(connection), (_, issues) => issues).Run([CheckMessage.Parse(line)], new Dictionary<string, int> { [line] = 2 }).ToList();

        Assert.Equal(expected, string.Join(' ', issues.Select(issue => issue.Subject)));
        Assert.All(issues, issue => Assert.DoesNotContain("STRICT", issue.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_whose_keys_are_bytes_or_long_or_hold_commas_were_one_issue()
    {
        await using var place = new Place();
        var longText = new string('k', 90);
        Databases.Create(
            place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY)",
            "CREATE TABLE b(k BLOB PRIMARY KEY, p NOT NULL REFERENCES p) WITHOUT ROWID; INSERT INTO b VALUES (x'01', 7), (x'02', 7)",
            $"CREATE TABLE l(k TEXT PRIMARY KEY, p NOT NULL REFERENCES p) WITHOUT ROWID; INSERT INTO l VALUES ('{longText}1', 7), ('{longText}2', 7)",
            "CREATE TABLE c(j TEXT, k TEXT, p NOT NULL REFERENCES p, PRIMARY KEY (j, k)) WITHOUT ROWID; INSERT INTO c VALUES ('a,b', 'c', 7), ('a', 'b,c', 7)");

        var found = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).ToList();

        Assert.Equal(6, found.Select(issue => issue.Id).Distinct().Count());
        Assert.Contains(found, issue => issue.Subject == "b/x'02'");
    }

    [Fact]
    public async Task A_number_that_leads_to_a_text_with_a_leading_zero_leads_to_nothing_as_SQLite_has_it()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE p(code TEXT PRIMARY KEY COLLATE NOCASE); INSERT INTO p VALUES ('007'), ('8'), ('A')",
            "CREATE TABLE c(id INTEGER PRIMARY KEY, code INTEGER REFERENCES p); INSERT INTO c VALUES (1, '007'), (2, 8), (3, 'a')",
            "CREATE TABLE n(id INTEGER PRIMARY KEY); INSERT INTO n VALUES (7); CREATE TABLE d(id INTEGER PRIMARY KEY, n_id TEXT REFERENCES n); INSERT INTO d VALUES (1, '007'), (2, 'x')");
        using var connection = Databases.Open(place.Database);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(\"table\" || '/' || rowid, ' ') FROM pragma_foreign_key_check";

        var found = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).Select(issue => issue.Subject).Order(StringComparer.Ordinal).ToList();

        Assert.Equal("c/1 d/2", string.Join(' ', found));
        Assert.Equal(((string)command.ExecuteScalar()!).Split(' ').Order(StringComparer.Ordinal), found);
    }
}
