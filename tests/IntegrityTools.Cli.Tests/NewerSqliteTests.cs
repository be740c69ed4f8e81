using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>What only a newer SQLite knows: found with one, and told without.</summary>
public sealed class NewerSqliteTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_wrong_type_in_a_STRICT_table_is_found_row_by_row_by_a_library_that_knows_STRICT_and_an_older_one_says_that_it_does_not()
    {
        var newer = NewerSqlite.From(new Version(3, 37));
        Skip.If(newer is null, "needs SQLite 3.37 or later on the system, or named by SQLITE_LIBRARY");
        Run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, s TEXT, b BLOB, a ANY)", "INSERT INTO t VALUES (1, 1, 'x', x'00', 1), (2, 'two', 'x', x'00', 'a'), (3, 3, x'ff', x'00', NULL), (4, NULL, 'x', 'text', NULL)");
        Run("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql || ' STRICT'");

        var issues = (await ScanAsync(newer)).JsonLines.Where(issue => issue.GetProperty("type").GetString() == "constraint_violation").ToList();
        Assert.Equal(["t/2", "t/3", "t/4"], issues.Select(issue => issue.GetProperty("subject").GetString()).Order());
        Assert.All(issues, issue => Assert.Equal("type", issue.GetProperty("evidence").GetProperty("rule").GetString()));
        Assert.Contains("holds two", issues.Single(issue => issue.GetProperty("subject").GetString() == "t/2").GetProperty("message").GetString(), StringComparison.Ordinal);

        if (Version.Parse(SqliteRuntime.Version) < new Version(3, 37))
        {
            var old = (await ScanAsync(null)).JsonLines.Where(issue => issue.GetProperty("severity").GetString() is "high" or "critical").ToList();
            Assert.Equal("outdated_library", Assert.Single(old).GetProperty("type").GetString());
            Assert.Contains("3.37", old[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData("CREATE VIRTUAL TABLE docs USING fts5(title, body)", "UPDATE docs_content SET c1 = 'other words' WHERE id = 1")]
    [InlineData("CREATE VIRTUAL TABLE docs USING fts4(title, body)", "UPDATE docs_content SET c1body = 'other words' WHERE docid = 1")]
    public async Task A_full_text_index_that_differs_from_its_texts_is_found_and_made_anew(string definition, string damage)
    {
        var newer = NewerSqlite.From(new Version(3, 44));
        Skip.If(newer is null, "needs SQLite 3.44 or later on the system, or named by SQLITE_LIBRARY");
        Run(definition, "INSERT INTO docs VALUES ('one', 'hello world'), ('two', 'good bye')", damage);

        var issue = Assert.Single((await ScanAsync(newer)).JsonLines, issue => issue.GetProperty("severity").GetString() is "high" or "critical");
        Assert.Equal(("index_mismatch", "index:docs"), (issue.GetProperty("type").GetString(), issue.GetProperty("subject").GetString()));
        Assert.Contains("VALUES('rebuild')", issue.GetProperty("message").GetString(), StringComparison.Ordinal);

        (await cli.RunAsync(With(newer), ["resolve", "app.db", "--type", "index_mismatch", "--confirm"])).Expect(0);
        (await ScanAsync(newer)).Expect(0);
        Assert.Equal("1", Ask("SELECT count(*) FROM docs WHERE docs MATCH 'other'"));
    }

    [SkippableFact]
    public async Task Statistics_that_were_made_are_not_called_undone()
    {
        var newer = NewerSqlite.From(new Version(3, 46));
        Skip.If(newer is null, "needs SQLite 3.46 or later on the system, or named by SQLITE_LIBRARY");
        Run(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO customer VALUES (1, 'x')",
            "CREATE TABLE bill (id INTEGER PRIMARY KEY, customer_id INTEGER)", "CREATE INDEX bill_customer ON bill (customer_id)", "INSERT INTO bill VALUES (1, 1)");

        var done = (await cli.RunAsync(With(newer), ["optimize", "app.db", "--confirm"])).Expect(0);
        Assert.Contains("The planner's statistics of 1 table made anew.", done.Output, StringComparison.Ordinal);
    }

    private Task<CliResult> ScanAsync(string? library) => cli.RunAsync(With(library), ["scan", "app.db", "--output", "jsonl", "--fail-on", "high"]);

    private static Dictionary<string, string> With(string? library) => library is null ? [] : new() { [SqliteRuntime.LibraryVariable] = library };

    private void Run(params string[] statements)
    {
        using var connection = Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }

    private string Ask(string query)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return $"{command.ExecuteScalar()}";
    }

    private SqliteConnection Open()
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = cli.At("app.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
