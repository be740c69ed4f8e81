using System.Buffers.Binary;
using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Checks that SQLite breaks off, and rows that nothing names: what is not known of a database is told, and nothing that is sound is called damaged.</summary>
public class BrokenOffCheckTests
{
    [Fact]
    public async Task An_index_at_whose_entry_the_check_breaks_off_was_not_told_at_all()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", "CREATE INDEX t_v ON t (v)", "INSERT INTO t VALUES (1, 'abc'), (2, 'def')");
        Break(place.Database, "t_v");

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Severity > Severity.Info);

        Assert.Equal((IssueTypes.IndexMismatch, "index:t_v", true), (issue.Type, issue.Subject, issue.CanAutoResolve));
        Assert.Contains("broke off", issue.Message, StringComparison.Ordinal);
        var result = Assert.Single(await place.Work.RunAsync(await place.Work.PlanAsync([issue])));
        Assert.Equal(OperationOutcome.Applied, result.Outcome);
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Of_several_indexes_it_is_not_guessed_which_one_it_is()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE t (id INTEGER PRIMARY KEY, v, w)", "CREATE INDEX t_v ON t (v)", "CREATE INDEX t_w ON t (w)", "INSERT INTO t VALUES (1, 'abc', 1), (2, 'def', 2)");
        Break(place.Database, "t_v");

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Severity > Severity.Info);

        Assert.Equal((IssueTypes.IndexMismatch, "indexes:t", false), (issue.Type, issue.Subject, issue.CanAutoResolve));
        var operation = Assert.Single((await place.Work.PlanAsync([issue])).Operations);
        Assert.Contains("REINDEX \"t\"", operation.Reason, StringComparison.Ordinal);
        Databases.Create(place.Database, "REINDEX \"t\"");
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task An_expression_that_fails_for_a_row_of_an_index_was_not_told_at_all()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", "CREATE INDEX t_a ON t (abs(v))", "INSERT INTO t VALUES (1, 5)");
        Databases.ChangeBehindIndex(place.Database, "t_a", "UPDATE t SET v = -9223372036854775807 - 1");

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.UncheckedConstraint);

        Assert.Equal("t", issue.Subject);
        Assert.Contains("integer overflow", issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_computed_column_that_fails_for_a_row_was_called_damage()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES (1, 'none')");
        Reword(place.Database, "t", "CREATE TABLE t (id INTEGER PRIMARY KEY, v, w AS (json_extract(v, '$.a')) NOT NULL)");

        var issues = await place.ScanWithoutTraceAsync();

        Assert.DoesNotContain(issues, issue => issue.Severity > Severity.Info);
        Assert.Contains(issues, issue => issue.Type == IssueTypes.UncheckedConstraint && issue.Message.Contains("malformed JSON", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_that_nothing_names_and_that_break_a_rule_were_not_told_at_all()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE parents (id INTEGER PRIMARY KEY)", "INSERT INTO parents VALUES (1)",
            "CREATE TABLE t (rowid REFERENCES parents (id), _rowid_, oid)", "INSERT INTO t VALUES (1, NULL, 1), (7, 2, 2), (8, 3, -3)");
        Reword(place.Database, "t", "CREATE TABLE t (rowid REFERENCES parents (id), _rowid_ NOT NULL, oid CHECK (oid > 0))");

        var issues = (await place.ScanWithoutTraceAsync()).FindAll(issue => issue.Severity >= Severity.High);

        Assert.Equal(["t", "t(rowid)", "t._rowid_"], issues.Select(issue => issue.Subject).Order(StringComparer.Ordinal));
        var orphans = Assert.Single(issues, issue => issue.Type == IssueTypes.ForeignKeyViolation);
        Assert.StartsWith("2 rows of t lead to no row of parents.", orphans.Message, StringComparison.Ordinal);
        Assert.All((await place.Work.PlanAsync(issues)).Operations, operation => Assert.True(operation.NeedsReview));
    }

    [Fact]
    public async Task One_damaged_table_hid_the_broken_rules_and_orphans_of_sound_ones()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database,
            "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
            "CREATE TABLE bad (id INTEGER PRIMARY KEY, p REFERENCES parent (id), x TEXT NOT NULL CHECK (length(x) > 5))",
            "CREATE TABLE sound (id INTEGER PRIMARY KEY, p REFERENCES parent (id), x TEXT CHECK (length(x) < 5))",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO bad SELECT i, NULL, hex(randomblob(30)) FROM n",
            "PRAGMA ignore_check_constraints = ON; INSERT INTO sound VALUES (1, 5, 'ok'), (2, 6, 'too long')");
        var bytes = await File.ReadAllBytesAsync(place.Database);
        var root = (int)(long)Databases.Ask(place.Database, "SELECT rootpage FROM sqlite_master WHERE name = 'bad'")!;
        var leaf = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan((int)((root - 1) * 4096) + 8));
        Databases.Overwrite(place.Database, (leaf - 1) * 4096, new byte[4096]);

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Equal("sound/2", Assert.Single(issues, issue => issue.Type == IssueTypes.ConstraintViolation).Subject);
        Assert.Equal(["sound/1", "sound/2"], issues.Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).Select(issue => issue.Subject).Order(StringComparer.Ordinal));
        var left = issues.FindAll(issue => issue.Message.StartsWith("The check of", StringComparison.Ordinal)).Select(issue => issue.Message[..30]);
        Assert.Equal(["The check of CHECK of table ba", "The check of bad(p) against pa"], left);
    }

    /// <summary>Makes the first entry of an index one whose values lie beyond it; the page's own structure stays right.</summary>
    private static void Break(string path, string index)
    {
        var page = (long)Databases.Ask(path, $"SELECT rootpage FROM sqlite_master WHERE name = '{index}'")! - 1;
        var bytes = File.ReadAllBytes(path);
        var text = bytes.AsSpan((int)page * 4096, 4096).IndexOf(Encoding.UTF8.GetBytes("abc"));
        Databases.Overwrite(path, (page * 4096) + text - 3, 0x40);
    }

    /// <summary>Declares an object otherwise than its rows were written.</summary>
    private static void Reword(string path, string name, string sql) =>
        Databases.Create(path, $"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = '{sql.Replace("'", "''", StringComparison.Ordinal)}' WHERE name = '{name}'");
}
