using System.Text;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Rows are given back although the loaded library, or anybody, does not know what their tables' definitions say.</summary>
public sealed class UnknownSchemaTests : IDisposable
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) ";

    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, s TEXT, a ANY)", " STRICT", "id", "")]
    [InlineData("CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, s TEXT DEFAULT ('a,ANY)'), a ANY NOT NULL)", "strict", "id", "")]
    [InlineData("CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, \"any\" TEXT, a any /* ANY, ) */)", " WITHOUT ROWID, Strict", "id", "WITHOUT ROWID")]
    public void STRICT_tables_keep_their_values_and_their_word_whether_the_library_knows_it_or_not(string table, string options, string key, string older)
    {
        folder.Execute(table.Replace(" ANY", " BLOB", StringComparison.Ordinal).Replace(" any ", " BLOB ", StringComparison.Ordinal) + older, Numbers + "INSERT INTO t SELECT i, i * 3, 's' || i, CASE i % 3 WHEN 0 THEN '00' || i WHEN 1 THEN i / 2.0 ELSE x'00ff' END FROM n");
        var rows = SalvageFolder.Rows(folder.Source, "t", key);
        Restate(folder.Source, table + options);

        folder.Salvage();

        Assert.Equal(table + options, Restate(folder.Destination, table.Replace(" ANY", " BLOB", StringComparison.Ordinal).Replace(" any ", " BLOB ", StringComparison.Ordinal) + older));
        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", key));
    }

    [Fact]
    public void Entries_of_indexes_stood_among_the_rows_when_the_schema_was_lost()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n INT, body TEXT)", "CREATE INDEX by_name ON t(name)", "CREATE INDEX by_n ON t(n, body)", "CREATE TABLE keyed(k TEXT PRIMARY KEY, v INT) WITHOUT ROWID",
            Numbers + "INSERT INTO t SELECT i, 'name ' || i, i * 1000, hex(zeroblob(i % 2 * 3000)) FROM n", Numbers + "INSERT INTO keyed SELECT 'key ' || i, i FROM n");
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan(0, 4096).Clear();
        File.WriteAllBytes(folder.Source, bytes);

        var report = folder.Salvage();

        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE fields = 4 AND c1 LIKE 'name %'"));
        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE fields = 2 AND c0 = 'key ' || c1"));
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE c0 LIKE 'name %'"));
        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM index_entries WHERE c0 = 'name ' || c1 AND page > 1 AND cell >= 0 AND reason LIKE '%row that it leads to is found%'"));
        Assert.Equal(report.IndexEntries, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM index_entries"));
        Assert.Contains(report.Notes, note => note.Contains("stand in index_entries", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_a_table_without_rowids_that_look_like_entries_of_an_index_were_left_out_when_the_schema_was_lost()
    {
        folder.Execute("CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, alias TEXT)", "CREATE TABLE admins(email TEXT, uid INT, PRIMARY KEY(email, uid)) WITHOUT ROWID", "CREATE TABLE guests(alias TEXT, uid INT, PRIMARY KEY(alias, uid)) WITHOUT ROWID",
            Numbers + "INSERT INTO users SELECT i, 'user' || i, 'alias' || i FROM n", "INSERT INTO admins SELECT email, id FROM users WHERE id <= 150", "INSERT INTO guests SELECT alias, id + id % 2 * 100000 FROM users WHERE id <= 150");
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan(0, 4096).Clear();
        File.WriteAllBytes(folder.Source, bytes);

        var report = folder.Salvage();

        Assert.Equal(150, report.IndexEntries);
        Assert.Equal(150, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM index_entries WHERE c0 = 'user' || c1"));
        Assert.Equal(150, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE c0 = 'alias' || (c1 % 100000)"));
        Assert.Equal(450, report.UnplacedRows);
    }

    [Fact]
    public void Entries_of_indexes_that_suit_tables_without_rowids_stood_among_the_rows_though_a_schema_was_given()
    {
        string[] tables = ["CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE)", "CREATE TABLE link(name TEXT, uid INT, PRIMARY KEY(name, uid)) WITHOUT ROWID", "CREATE TABLE tag(name TEXT, uid INT, PRIMARY KEY(name, uid)) WITHOUT ROWID"];
        folder.Execute([.. tables, Numbers + "INSERT INTO users SELECT i, 'user' || i FROM n", "INSERT INTO tag SELECT 'tag' || id, id FROM users WHERE id <= 150"]);
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan(0, 4096).Clear();
        File.WriteAllBytes(folder.Source, bytes);
        File.WriteAllText(folder.At("schema.sql"), string.Join(";\n", tables) + ";");

        var report = folder.Salvage(folder.At("schema.sql"));

        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM index_entries WHERE c0 = 'user' || c1 AND reason LIKE '%; it suits link, tag, too'"));
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE c0 LIKE 'user%'"));
        Assert.Equal(150, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE c0 = 'tag' || c1"));
        Assert.Equal(450, report.Rows + report.UnplacedRows);
    }

    [Fact]
    public void Collations_and_functions_that_only_the_application_has_cost_no_row_and_are_told()
    {
        using (var application = SalvageFolder.Open(folder.Source))
        {
            application.CreateCollation("LOCALIZED", string.CompareOrdinal);
            application.CreateFunction("shape", (long? value) => value, isDeterministic: true);
            using var command = application.CreateCommand();
            command.CommandText = "PRAGMA trusted_schema = ON; CREATE TABLE contact(id INTEGER PRIMARY KEY, name TEXT COLLATE LOCALIZED UNIQUE, n INT CHECK (shape(n) > 0)); CREATE INDEX by_name ON contact(name DESC);"
                + "CREATE TABLE keyed(k TEXT COLLATE LOCALIZED PRIMARY KEY, v) WITHOUT ROWID;"
                + Numbers + "INSERT INTO contact SELECT i, 'n' || i, i FROM n;" + Numbers + "INSERT INTO keyed SELECT 'k' || i, i FROM n";
            command.ExecuteNonQuery();
        }

        var report = folder.Salvage();

        Assert.Equal(600, report.Rows);
        Assert.Equal((0, 0, 0), (report.UnplacedRows, report.UncertainRows, report.DamagedRows));
        Assert.Contains(report.Notes, note => note.Contains("LOCALIZED", StringComparison.Ordinal) && note.Contains("REINDEX", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.Contains("shape()", StringComparison.Ordinal));

        // An index in another order than the application's would find wrong rows.
        Assert.Contains(report.Notes, note => note.Contains("by_name could not be made", StringComparison.Ordinal));
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM sqlite_schema WHERE name = 'by_name'"));
        using var reader = SalvageFolder.Open(folder.Destination);
        reader.CreateCollation("LOCALIZED", string.CompareOrdinal);
        Assert.Equal(300, SalvageFolder.Rows(reader, "contact", "id").Count);
    }

    [Fact]
    public void A_definition_that_cannot_be_read_leaves_the_rows_under_the_tables_name_with_counted_columns()
    {
        folder.Execute(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, v REAL)", "CREATE TABLE w(k TEXT PRIMARY KEY, v INT) WITHOUT ROWID", "CREATE TABLE none(a)", "CREATE INDEX by_name ON t(name)",
            Numbers + "INSERT INTO t SELECT i * 2, 'n' || i, i / 4.0 FROM n", Numbers + "INSERT INTO w SELECT 'k' || i, i FROM n",
            "ALTER TABLE t ADD COLUMN z", "UPDATE t SET z = 'last' WHERE id = 10");
        Damage("CREATE TABLE t(", "CREATE TABLE t)");
        Damage("CREATE TABLE w(", "CREATE TABLE w)");
        Damage("CREATE TABLE none(", "CREATE TABLE none)");

        var report = folder.Salvage();

        Assert.Equal((600L, 0L), (report.Rows, report.UnplacedRows));
        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE c1 IS NULL AND c2 = 'n' || (row_id / 2) AND c3 = row_id / 8.0 AND typeof(c4) = iif(row_id = 10, 'text', 'null')"));
        Assert.Equal(300, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM w WHERE c1 = 'k' || c2 AND typeof(c2) = 'integer'"));
        Assert.Contains(report.Notes, note => note.StartsWith("t: ", StringComparison.Ordinal) && note.Contains("row_id, c1 to c4", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.StartsWith("none: no row", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4096, 100_000, 30)]
    [InlineData(1024, 9_000, 100)]
    public void A_file_of_large_values_is_read_with_its_own_page_size_with_and_without_its_header(int pageSize, int length, int count)
    {
        folder.Execute(
            $"PRAGMA page_size = {pageSize}", "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO t SELECT i, 'name ' || i, iif(i % 2, randomblob({length}), zeroblob({length})) FROM n");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        folder.Salvage();
        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));

        Overwrite(0, new byte[100]);
        folder.Salvage();
        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));

        File.WriteAllText(folder.At("schema.sql"), "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB)");
        Overwrite(0, new byte[pageSize]);
        folder.Salvage(folder.At("schema.sql"));
        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Fact]
    public void A_wrong_number_of_unused_bytes_in_the_header_is_told_from_the_pages()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)", Numbers + "INSERT INTO t SELECT i, 'row ' || i || iif(i % 5, '', hex(zeroblob(3000))) FROM n");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        Overwrite(20, [32]);

        var report = folder.Salvage();

        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
        Assert.Contains(report.Notes, note => note.Contains("32 bytes at the end of each page", StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_whose_first_row_was_deleted_made_the_header_wrong_about_unused_bytes_and_every_large_row_damaged()
    {
        // Only the page of s says anything of the end of pages, and it lacks its first row; those of t are filled by what goes on elsewhere.
        folder.Execute(
            "PRAGMA secure_delete = OFF", "CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)",
            "INSERT INTO t VALUES (1, x'00112233')", "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 4) INSERT INTO t SELECT i, randomblob(5000) FROM n",
            "DELETE FROM t WHERE id = 1", "CREATE TABLE s(id INTEGER PRIMARY KEY, body BLOB)", "INSERT INTO s VALUES (1, x'00112233'), (2, zeroblob(1000)), (3, zeroblob(1000))", "DELETE FROM s WHERE id = 1");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        Overwrite(105, [0, 0]);

        folder.Salvage();

        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Theory]
    [InlineData("CREATE TABLE t(a ANY, \"any\" any) STRICT", "CREATE TABLE t(a BLOB, \"any\" BLOB)")]
    [InlineData("CREATE TABLE \"t(\"(a INT, CONSTRAINT any CHECK (a > 0), PRIMARY KEY(a)) strict, without rowid", "CREATE TABLE \"t(\"(a INT, CONSTRAINT any CHECK (a > 0), PRIMARY KEY(a)) without   rowid")]
    [InlineData("CREATE TABLE any(any ANY)", "CREATE TABLE any(any ANY)")]
    [InlineData("CREATE TABLE any(any ANY /* ), */) STRICT", "CREATE TABLE any(any BLOB /* ), */)")]
    internal void What_makes_a_table_STRICT_is_left_out_and_nothing_else(string strict, string loose) =>
        Assert.Equal(loose.Replace("   ", " ", StringComparison.Ordinal), System.Text.RegularExpressions.Regex.Replace(StrictTable.Loosen(strict), " +", " "));

    /// <summary>Gives the table another text in the schema; returns the one that it had.</summary>
    private static string Restate(string path, string sql)
    {
        using var connection = SalvageFolder.Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA writable_schema = ON; SELECT sql FROM sqlite_master WHERE name = 't'";
        var before = (string)command.ExecuteScalar()!;
        command.CommandText = "UPDATE sqlite_master SET sql = $sql WHERE name = 't'";
        command.Parameters.AddWithValue("$sql", sql);
        command.ExecuteNonQuery();
        return before;
    }

    private void Damage(string old, string replacement) => Overwrite(File.ReadAllBytes(folder.Source).AsSpan().IndexOf(Encoding.UTF8.GetBytes(old)), Encoding.UTF8.GetBytes(replacement));

    private void Overwrite(int offset, byte[] bytes) => Databases.Overwrite(folder.Source, offset, bytes);
}
