using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>What depends on which SQLite is loaded: found with the one that comes along, and told with an older one.</summary>
public sealed class SqliteVersionTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData("STRICT")]
    [InlineData("strict")]
    public async Task A_wrong_type_in_a_STRICT_table_is_found_row_by_row_by_a_library_that_knows_STRICT_and_an_older_one_says_that_it_does_not(string word)
    {
        MakeStrict(word);

        var issues = (await ScanAsync([])).JsonLines.Where(issue => issue.GetProperty("type").GetString() == "constraint_violation").ToList();
        Assert.Equal(["t/2", "t/3", "t/4"], issues.Select(issue => issue.GetProperty("subject").GetString()).Order());
        Assert.All(issues, issue => Assert.Equal("type", issue.GetProperty("evidence").GetProperty("rule").GetString()));
        Assert.Contains("holds two", issues.Single(issue => issue.GetProperty("subject").GetString() == "t/2").GetProperty("message").GetString(), StringComparison.Ordinal);

        var old = (await ScanAsync(OlderSqlite.Environment)).JsonLines.Where(issue => issue.GetProperty("severity").GetString() is "high" or "critical").ToList();
        Assert.Equal("outdated_library", Assert.Single(old).GetProperty("type").GetString());
        Assert.Contains("and 3.35.5 is loaded", old[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(SqliteRuntime.LibraryVariable, old[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_salvage_with_a_library_that_does_not_know_STRICT_keeps_the_rows_and_the_word()
    {
        MakeStrict("STRICT");

        var result = (await cli.RunAsync(OlderSqlite.Environment, ["salvage", "app.db", "--to", "new.db"])).Expect(0);

        Assert.Contains("STRICT tables, which SQLite 3.35.5", result.Error, StringComparison.Ordinal);
        Assert.Equal("4 STRICT", Ask("SELECT count(*) || (SELECT substr(sql, -7) FROM sqlite_schema WHERE name = 't') FROM t", "new.db"));
    }

    [SkippableFact]
    public async Task A_library_that_does_not_load_is_told_with_what_to_do()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The name of the file is Linux's.");
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.Copy(file, cli.At(Path.GetFileName(file)));
        }

        var native = Directory.CreateDirectory(cli.At($"runtimes/{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}/native")).FullName;
        await File.WriteAllTextAsync(Path.Combine(native, "libe_sqlite3.so"), "built for another system");

        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [cli.At("integrity.dll"), "scan", "app.db"]) { RedirectStandardError = true, WorkingDirectory = cli.Path };
        Run("CREATE TABLE t(v)");
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("cannot be loaded", error, StringComparison.Ordinal);
        Assert.Contains(SqliteRuntime.LibraryVariable, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE VIRTUAL TABLE docs USING fts5(title, body)", "UPDATE docs_content SET c1 = 'other words' WHERE id = 1")]
    [InlineData("CREATE VIRTUAL TABLE docs USING fts4(title, body)", "UPDATE docs_content SET c1body = 'other words' WHERE docid = 1")]
    public async Task A_full_text_index_that_differs_from_its_texts_is_found_and_made_anew(string definition, string damage)
    {
        Run(definition, "INSERT INTO docs VALUES ('one', 'hello world'), ('two', 'good bye')", damage);

        var issue = Assert.Single((await ScanAsync([])).JsonLines, issue => issue.GetProperty("severity").GetString() is "high" or "critical");
        Assert.Equal(("index_mismatch", "index:docs"), (issue.GetProperty("type").GetString(), issue.GetProperty("subject").GetString()));
        Assert.Contains("VALUES('rebuild')", issue.GetProperty("message").GetString(), StringComparison.Ordinal);

        (await cli.RunAsync("resolve", "app.db", "--type", "index_mismatch", "--confirm")).Expect(0);
        (await ScanAsync([])).Expect(0);
        Assert.Equal("1", Ask("SELECT count(*) FROM docs WHERE docs MATCH 'other'"));
    }

    [Fact]
    public async Task Statistics_that_were_made_are_not_called_undone()
    {
        Run(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO customer VALUES (1, 'x')",
            "CREATE TABLE bill (id INTEGER PRIMARY KEY, customer_id INTEGER)", "CREATE INDEX bill_customer ON bill (customer_id)", "INSERT INTO bill VALUES (1, 1)");

        var done = (await cli.RunAsync("optimize", "app.db", "--confirm")).Expect(0);
        Assert.Contains("The planner's statistics of 1 table made anew.", done.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_whose_definitions_hold_texts_in_double_quotes_is_checked_repaired_copied_and_salvaged_as_one_with_single_quotes()
    {
        Run(
            "CREATE TABLE owner (id INTEGER PRIMARY KEY)",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT DEFAULT 'a' CHECK (kind IN ('a', 'b')), owner_id INTEGER REFERENCES owner)",
            "CREATE INDEX some ON t (kind) WHERE kind <> 'b'",
            "CREATE VIEW v AS SELECT id, 'word' AS w FROM t WHERE kind = 'a'",
            "PRAGMA foreign_keys = OFF; INSERT INTO t (id, owner_id) VALUES (1, NULL), (2, NULL), (3, 7)",
            "PRAGMA ignore_check_constraints = ON; UPDATE t SET kind = 'c' WHERE id = 2",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, char(39), char(34))");

        var issues = (await ScanAsync([])).JsonLines.Where(issue => issue.GetProperty("severity").GetString() is not ("info" or "low")).ToList();
        Assert.Equal(["constraint_violation t/2", "foreign_key_violation t/3"], issues.Select(issue => $"{issue.GetProperty("type").GetString()} {issue.GetProperty("subject").GetString()}").Order());

        (await cli.RunAsync("resolve", "app.db", "--type", "foreign_key_violation", "--strategy", "manual")).Expect(0);
        (await cli.RunAsync("backup", "app.db", "--to", "backups")).Expect(0);
        (await cli.RunAsync("salvage", "app.db", "--to", "new.db")).Expect(0);
        Assert.Equal("3 2", Ask("SELECT count(*) || ' ' || (SELECT count(*) FROM sqlite_schema WHERE name IN ('some', 'v')) FROM t", "new.db"));
    }

    private Task<CliResult> ScanAsync(Dictionary<string, string> environment) => cli.RunAsync(environment, ["scan", "app.db", "--output", "jsonl", "--fail-on", "high"]);

    private void MakeStrict(string word) => Run(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, s TEXT, b BLOB, a ANY)",
        "INSERT INTO t VALUES (1, 1, 'x', x'00', 1), (2, 'two', 'x', x'00', 'a'), (3, 3, x'ff', x'00', NULL), (4, NULL, 'x', 'text', NULL)",
        $"PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql || ' {word}'");

    private void Run(params string[] statements)
    {
        using var connection = Open("app.db");
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            command.ExecuteNonQuery();
        }
    }

    private string Ask(string query, string name = "app.db")
    {
        using var connection = Open(name);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return $"{command.ExecuteScalar()}";
    }

    private SqliteConnection Open(string name)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = cli.At(name), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
