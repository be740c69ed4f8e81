using System.Buffers.Binary;
using System.Text;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Sqlite.Salvage;

public sealed class SpecialDamageTests : IDisposable
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) ";

    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_virtual_column_before_an_ordinary_one_costs_nothing()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v AS (id * 2) VIRTUAL, name TEXT, s AS (id * 3) STORED, last INT)", Numbers + "INSERT INTO t(id, name, last) SELECT i, 'n' || i, -i FROM n");

        folder.Salvage();

        Assert.Equal(SalvageFolder.Rows(folder.Source, "t", "id"), SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Fact]
    public void A_database_that_is_written_to_while_it_is_read_is_told()
    {
        folder.Execute("PRAGMA page_size = 512", "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)", Numbers + "INSERT INTO t SELECT a.i * 1000 + b.i, hex(randomblob(300)) FROM n AS a, n AS b WHERE b.i < 10");
        var written = new FirstReport(() => folder.Execute("DELETE FROM t WHERE id % 7 = 0"));
        var options = new SalvageOptions { Path = folder.Source, Destination = folder.Destination, Progress = written };

        Assert.Contains(Salvager.Run(options, default).Notes, note => note.Contains("was written to while it was read", StringComparison.Ordinal));

        Assert.Empty(Salvager.Run(options with { Overwrite = true }, default).Notes);
    }

    [Fact]
    public void Deleted_rows_of_a_few_bytes_ended_a_salvage_that_asked_for_deleted_ones()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)", "CREATE TABLE u(a INTEGER PRIMARY KEY, b) WITHOUT ROWID", Numbers + "INSERT INTO t SELECT i, 1 FROM n", Numbers + "INSERT INTO u SELECT i, NULL FROM n", "DELETE FROM t WHERE id % 3 = 0", "DELETE FROM u WHERE a % 5 = 0");

        var report = folder.Salvage(deleted: true);

        Assert.Equal(334 + 400, report.Rows);
    }

    [Fact]
    public void A_definition_that_cannot_be_read_leaves_its_rows_under_their_tables_name_and_a_given_one_gives_them_their_columns()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE u(id INTEGER PRIMARY KEY, a, b, c)", Numbers + "INSERT INTO t SELECT i, 'n' || i FROM n", "INSERT INTO u VALUES(1, 2, 3, 4)");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        Replace("CREATE TABLE t(id", "CREATE TABLE t)id");
        File.WriteAllText(folder.At("schema.sql"), "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)");

        var report = folder.Salvage();

        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE c2 = 'n' || row_id"));
        Assert.Contains("definition of the table t cannot be read", string.Join(' ', report.Notes), StringComparison.Ordinal);
        Assert.Equal(1, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM u"));
        SalvageFolder.Execute(folder.At("it's sound #1.db"), "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)");
        foreach (var schema in new[] { "schema.sql", "it's sound #1.db" })
        {
            folder.Salvage(folder.At(schema));
            Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
        }
    }

    [SkippableFact]
    public void A_disk_that_is_full_at_any_moment_of_a_salvage_ended_in_a_stack_trace_and_is_told_with_what_to_do()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)", Numbers + "INSERT INTO t SELECT i, 'n' || i FROM n", "CREATE INDEX n ON t(name)");
        var small = folder.At("small");
        for (var kilobytes = 4; ; kilobytes += 4)
        {
            using var disk = SmallDisk.Mount(small, kilobytes);
            try
            {
                Salvager.Run(new SalvageOptions { Path = folder.Source, Destination = Path.Combine(small, "new.db"), Deleted = true }, default);
                Assert.True(kilobytes > 8);
                return;
            }
            catch (IntegrityException full)
            {
                Assert.Equal(ErrorIds.OperationFailed, full.ErrorId);
                Assert.Contains("room", full.NextStep, StringComparison.Ordinal);
                Assert.Empty(Directory.EnumerateFiles(small));
            }
        }
    }

    [Fact]
    public void A_damaged_full_text_index_is_built_anew_from_its_texts()
    {
        folder.Execute("CREATE VIRTUAL TABLE f USING fts5(body)", Numbers + "INSERT INTO f(rowid, body) SELECT i, 'word' || i || ' common' FROM n");
        folder.Execute("UPDATE f_data SET block = zeroblob(20) WHERE id > 10");

        folder.Salvage();

        Assert.Equal(321, SalvageFolder.Count(folder.Destination, "SELECT rowid FROM f WHERE f MATCH 'word321'"));
        SalvageFolder.Execute(folder.Destination, "INSERT INTO f(f) VALUES('integrity-check')");
    }

    [Fact]
    public void What_a_deleted_page_still_holds_of_a_row_made_that_row_damaged_when_the_freelist_was_lost()
    {
        folder.Execute("PRAGMA page_size = 1024; PRAGMA secure_delete = OFF", "CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)", Numbers + "INSERT INTO t SELECT i, zeroblob(1500 + i) FROM n WHERE i <= 60", "PRAGMA secure_delete = OFF; DELETE FROM t WHERE id BETWEEN 10 AND 30");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan((int)(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(32)) - 1) * 1024, 1024).Clear();
        File.WriteAllBytes(folder.Source, bytes);

        Assert.Equal(0, folder.Salvage().DamagedRows);
        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Fact]
    public void Deleted_rows_are_put_into_a_table_of_their_own_and_only_when_asked_for()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, pad TEXT)", Numbers + "INSERT INTO t SELECT i, 'n' || i, hex(zeroblob(100)) FROM n");
        folder.Execute("DELETE FROM t WHERE id > 100");

        folder.Salvage();
        Assert.Equal(100, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
        Assert.False(SalvageFolder.HasTable(folder.Destination, "deleted_rows"));

        var report = folder.Salvage(deleted: true);
        Assert.Equal(100, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
        Assert.InRange(report.DeletedRows, 300, 400);
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM deleted_rows WHERE table_name <> 't' OR c1 <> 'n' || row_id OR row_id <= 100"));
    }

    [Theory]
    [InlineData("id INTEGER PRIMARY KEY, n INT, v TEXT)", "row_id")]
    [InlineData("id INT PRIMARY KEY, n INT, v TEXT) WITHOUT ROWID", "c0")]
    public void What_is_left_of_a_row_that_was_changed_is_not_told_as_a_deleted_row(string columns, string key)
    {
        folder.Execute($"CREATE TABLE t({columns}", Numbers + "INSERT INTO t SELECT i, i * 1000, 'n' || hex(zeroblob(20)) FROM n");
        folder.Execute("UPDATE t SET n = n + 1, v = v || v || i FROM (SELECT 'x' AS i) WHERE id % 5 = 0", "DELETE FROM t WHERE id % 7 = 0");

        folder.Salvage(deleted: true);

        var live = $"(SELECT 1 FROM t WHERE t.id = {key})";
        Assert.NotEqual(0, SalvageFolder.Count(folder.Destination, $"SELECT count(*) FROM deleted_rows WHERE EXISTS {live}"));
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, $"SELECT count(*) FROM deleted_rows WHERE EXISTS {live} <> (reason LIKE '%a row of this key is live%')"));
    }

    [Fact]
    public void Rows_deleted_here_and_there_come_out_of_the_free_blocks_when_asked_for_and_never_as_live()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INT, pad TEXT)", Numbers + "INSERT INTO t SELECT i, 'n' || i, i * 1000, hex(zeroblob(20)) FROM n");
        folder.Execute("DELETE FROM t WHERE id % 3 = 0");

        folder.Salvage();
        Assert.Equal(334, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));

        folder.Salvage(deleted: true);
        Assert.Equal(334, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE id % 3 <> 0 AND name = 'n' || id"));
        Assert.InRange(SalvageFolder.Count(folder.Destination, "SELECT count(DISTINCT c1) FROM deleted_rows WHERE substr(c1, 2) % 3 = 0 AND c2 = substr(c1, 2) * 1000"), 120, 166);
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM deleted_rows WHERE c1 <> 'n' || (c2 / 1000)"));
    }

    [Fact]
    public void Leaves_that_suit_two_tables_alike_are_given_back_by_what_the_indexes_hold()
    {
        const string Columns = "(id INTEGER PRIMARY KEY, code TEXT NOT NULL, n INT)";
        folder.Execute("CREATE TABLE a" + Columns, "CREATE TABLE b" + Columns, "CREATE INDEX a_code ON a(code)", "CREATE INDEX b_code ON b(code)");
        folder.Execute(Numbers + "INSERT INTO a SELECT i, 'apple ' || i, i FROM n", Numbers + "INSERT INTO b SELECT i, 'berry ' || i, i FROM n");
        var (a, b) = (SalvageFolder.Rows(folder.Source, "a", "id"), SalvageFolder.Rows(folder.Source, "b", "id"));
        ZeroRoots("a", "b");

        var report = folder.Salvage();

        Assert.Equal(a, SalvageFolder.Rows(folder.Destination, "a", "id"));
        Assert.Equal(b, SalvageFolder.Rows(folder.Destination, "b", "id"));
        Assert.Equal(0, report.UnplacedRows);
    }

    [Fact]
    public void A_leaf_that_suits_two_tables_goes_where_its_rowids_are_missing()
    {
        const string Columns = "(id INTEGER PRIMARY KEY, code TEXT NOT NULL, n INT)";
        folder.Execute("CREATE TABLE a" + Columns, "CREATE TABLE b" + Columns);
        folder.Execute(Numbers + "INSERT INTO a SELECT i, 'apple ' || i, i FROM n", Numbers + "INSERT INTO b SELECT 10000 + i, 'berry ' || i, i FROM n");
        var a = SalvageFolder.Rows(folder.Source, "a", "id");
        ZeroRoots("a");

        folder.Salvage();

        Assert.Equal(a, SalvageFolder.Rows(folder.Destination, "a", "id"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is not a database, but it is a text of more than five hundred bytes")]
    public void What_is_no_database_is_told_and_nothing_is_written(string text)
    {
        File.WriteAllText(folder.Source, string.Concat(Enumerable.Repeat(text, 100)));

        var failure = Assert.Throws<IntegrityException>(() => folder.Salvage());

        Assert.Equal(ErrorIds.DamagedFile, failure.ErrorId);
        Assert.Equal([folder.Source], Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void Random_bytes_are_told_as_encrypted_or_another_kind_of_file()
    {
        var bytes = new byte[200_000];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(folder.Source, bytes);

        Assert.Contains("encrypted", Assert.Throws<IntegrityException>(() => folder.Salvage()).Message, StringComparison.Ordinal);
    }

    private void ZeroRoots(params string[] tables)
    {
        var roots = tables.Select(table => SalvageFolder.Count(folder.Source, $"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")).ToList();
        var bytes = File.ReadAllBytes(folder.Source);
        roots.ForEach(root => bytes.AsSpan((int)(root - 1) * 4096, 4096).Clear());
        File.WriteAllBytes(folder.Source, bytes);
    }

    [SkippableFact]
    public void A_file_behind_a_link_with_a_name_that_means_something_to_SQL_is_salvaged_and_a_folder_is_refused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need rights there.");
        folder.Execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('x')");
        var link = folder.At("o'brien \"1\" #?mode=memory.db");
        File.CreateSymbolicLink(link, folder.Source);

        IntegrityTools.Sqlite.Salvage.Salvager.Run(new() { Path = link, Destination = folder.At("new's #2.db") }, default);
        Assert.Equal(1, SalvageFolder.Count(folder.At("new's #2.db"), "SELECT count(*) FROM t"));

        Assert.Equal(ErrorIds.StoreNotFound, Assert.Throws<IntegrityException>(() =>
            IntegrityTools.Sqlite.Salvage.Salvager.Run(new() { Path = folder.Root, Destination = folder.At("none.db") }, default)).ErrorId);
        Assert.False(File.Exists(folder.At("none.db")));
    }

    private void Replace(string old, string replacement)
    {
        var bytes = File.ReadAllBytes(folder.Source);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(old));
        Encoding.UTF8.GetBytes(replacement).CopyTo(bytes, at);
        File.WriteAllBytes(folder.Source, bytes);
    }
}
