using IntegrityTools.Model;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Files out of which pages were cut, or into which some came, where little tells how far what lies behind is shifted.</summary>
public sealed class ShiftTests : IDisposable
{
    private const int PageSize = 4096;
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) ";

    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_root_cut_out_of_a_database_of_single_pages_put_each_tables_rows_under_the_name_of_the_one_before()
    {
        Make(5);
        var truth = Truth(5);

        Cut(page: 3, pages: 1);
        folder.Salvage();

        foreach (var (table, rows) in truth)
        {
            Assert.Equal(table == "t1" ? [] : rows, SalvageFolder.Rows(folder.Destination, table, "id"));
        }
    }

    [Fact]
    public void A_page_that_came_into_a_database_of_single_pages_put_each_tables_rows_under_the_name_of_the_one_behind()
    {
        Make(5);
        var truth = Truth(5);

        var bytes = File.ReadAllBytes(folder.Source);
        File.WriteAllBytes(folder.Source, [.. bytes[..(2 * PageSize)], .. new byte[PageSize], .. bytes[(2 * PageSize)..]]);
        folder.Salvage();

        foreach (var (table, rows) in truth)
        {
            Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, table, "id"));
        }
    }

    [Fact]
    public void A_root_cut_out_before_a_like_tables_gave_the_first_table_the_second_ones_rows()
    {
        folder.Execute($"PRAGMA page_size = {PageSize}", "CREATE TABLE a(id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE b(id INTEGER PRIMARY KEY, name TEXT)", "CREATE TABLE c(id INTEGER PRIMARY KEY, x REAL)", Numbers + "INSERT INTO a SELECT i, 'row of a ' || i FROM n", Numbers + "INSERT INTO b SELECT 100 + i, 'row of b ' || i || hex(zeroblob(40)) FROM n", Numbers + "INSERT INTO c SELECT i, i + 0.5 FROM n");
        var truth = new[] { "a", "b", "c" }.ToDictionary(table => table, table => SalvageFolder.Rows(folder.Source, table, "id"));

        Cut(page: 2, pages: 1);
        folder.Salvage();

        foreach (var (table, rows) in truth)
        {
            Assert.All(SalvageFolder.Rows(folder.Destination, table, "id"), row => Assert.Equal(rows.GetValueOrDefault(row.Key), row.Value));
        }

        Assert.Equal(truth["c"], SalvageFolder.Rows(folder.Destination, "c", "id"));
    }

    [Fact]
    public void A_page_cut_out_among_rows_of_one_overflow_page_each_gave_some_of_them_anothers_value()
    {
        folder.Execute($"PRAGMA page_size = {PageSize}", "CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)", Numbers + "INSERT INTO t SELECT i, randomblob(5000) FROM n");
        var truth = SalvageFolder.Rows(folder.Source, "t", "id");

        Cut(page: 30, pages: 1);
        folder.Salvage();

        var found = SalvageFolder.Rows(folder.Destination, "t", "id");
        Assert.All(found, row => Assert.Equal(truth[row.Key], row.Value));
        Assert.InRange(found.Count, 50, 59);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(17)]
    [InlineData(25)]
    public void A_page_cut_out_among_overflow_pages_lost_the_whole_table(int page)
    {
        folder.Execute($"PRAGMA page_size = {PageSize}", "CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)", Numbers + "INSERT INTO t SELECT i, randomblob(9000 + i) FROM n WHERE i <= 14", "CREATE TABLE u(id INTEGER PRIMARY KEY, data BLOB)", Numbers + "INSERT INTO u SELECT i, randomblob(50) FROM n", "CREATE TABLE gone(id INTEGER PRIMARY KEY, data BLOB)", Numbers + "INSERT INTO gone SELECT i, randomblob(50) FROM n", "DROP TABLE gone");
        var (large, small) = (SalvageFolder.Rows(folder.Source, "t", "id"), SalvageFolder.Rows(folder.Source, "u", "id"));

        Cut(page, pages: 1);
        folder.Salvage();

        var found = SalvageFolder.Rows(folder.Destination, "t", "id");

        // Whether the page before the cut is the last of its row's, or the one that was cut out, only that page could tell.
        Assert.InRange(found.Count, 12, 13);
        Assert.All(found, row => Assert.Equal(large[row.Key], row.Value));
        Assert.Equal(small, SalvageFolder.Rows(folder.Destination, "u", "id"));
    }

    [Fact]
    public void A_page_of_an_index_in_the_place_of_one_of_a_table_without_rowids_became_certain_rows()
    {
        folder.Execute("PRAGMA page_size = 512", "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c) WITHOUT ROWID", "CREATE TABLE u(id INTEGER PRIMARY KEY, x REAL, pad TEXT)", "CREATE INDEX i ON u(x)", Numbers + "INSERT INTO t SELECT i, i, i, i FROM n", Numbers + "INSERT INTO u SELECT i, i + 0.5, hex(randomblob(50)) FROM n");
        var truth = SalvageFolder.Rows(folder.Source, "t", "id");
        var (leaf, entry) = (LeafOf("t"), LeafOf("i"));
        var bytes = File.ReadAllBytes(folder.Source);
        var kept = bytes.AsSpan((leaf - 1) * 512, 512).ToArray();
        bytes.AsSpan((entry - 1) * 512, 512).CopyTo(bytes.AsSpan((leaf - 1) * 512));
        kept.CopyTo(bytes.AsSpan((entry - 1) * 512));
        File.WriteAllBytes(folder.Source, bytes);

        folder.Salvage();

        Assert.All(SalvageFolder.Rows(folder.Destination, "t", "id"), row => Assert.Equal(truth[row.Key], row.Value));
    }

    [Fact]
    public void Texts_of_tables_without_rowids_tell_the_encoding_when_the_first_page_is_lost()
    {
        const string schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT) WITHOUT ROWID";
        folder.Execute("PRAGMA encoding = 'UTF-16be'", schema, Numbers + "INSERT INTO t SELECT i, 'name ' || i FROM n");
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan(0, PageSize).Clear();
        File.WriteAllBytes(folder.Source, bytes);
        File.WriteAllText(folder.At("schema.sql"), schema);

        folder.Salvage(folder.At("schema.sql"));

        Assert.Equal(60, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE name = 'name ' || id"));
    }

    [Fact]
    public void Rows_from_before_a_column_was_added_are_not_certain_for_a_table_that_has_as_many_columns()
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)", Numbers + "INSERT INTO t SELECT i, 'name ' || i FROM n", "ALTER TABLE t ADD COLUMN late TEXT", "CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT)");
        File.WriteAllText(folder.At("schema.sql"), "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, late TEXT); CREATE TABLE u(id INTEGER PRIMARY KEY, name TEXT)");
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan(0, PageSize).Clear();
        File.WriteAllBytes(folder.Source, bytes);

        var report = folder.Salvage(folder.At("schema.sql"));

        Assert.Equal(0, report.Rows);
        Assert.Equal(60, report.UncertainRows + report.UnplacedRows);
    }

    [Fact]
    public void A_file_whose_pages_all_stand_beside_their_places_and_whose_first_page_is_lost_was_called_no_database()
    {
        const string schema = "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)";
        folder.Execute(schema, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, 'name ' || i FROM n");
        var rows = SalvageFolder.Rows(folder.Source, "t", "id");
        File.WriteAllBytes(folder.Source, [.. new byte[PageSize + 512], .. File.ReadAllBytes(folder.Source)[PageSize..]]);
        File.WriteAllText(folder.At("schema.sql"), schema);

        folder.Salvage(folder.At("schema.sql"));

        Assert.Equal(rows, SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Fact]
    public void One_page_beside_its_place_among_random_bytes_makes_no_database()
    {
        Make(1);
        var bytes = new byte[40 * PageSize];
        new Random(7).NextBytes(bytes);
        File.ReadAllBytes(folder.Source).AsSpan(PageSize, PageSize).CopyTo(bytes.AsSpan((9 * PageSize) + 512));
        File.WriteAllBytes(folder.Source, bytes);

        Assert.Equal(ErrorIds.DamagedFile, Assert.Throws<IntegrityException>(() => folder.Salvage()).ErrorId);
    }

    [Theory]
    [InlineData(9, 30, 1900)]
    [InlineData(30, 9, 1900)]
    [InlineData(12, 45, 1900)]
    [InlineData(3, 50, 0)]
    public void A_page_cut_out_and_another_put_in_elsewhere_gave_one_table_the_rows_of_a_like_one(int cut, int put, int least)
    {
        const string many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) ";
        folder.Execute("PRAGMA page_size = 1024", "CREATE TABLE a(id INTEGER PRIMARY KEY, s TEXT)", "CREATE TABLE b(id INTEGER PRIMARY KEY, s TEXT)", "CREATE TABLE o(id INTEGER PRIMARY KEY, n REAL, body BLOB)");
        for (var part = 0; part < 5; part++)
        {
            folder.Execute($"{many}INSERT INTO a SELECT i, 'row of a ' || i FROM n WHERE i > {part * 200} AND i <= {(part + 1) * 200}", $"{many}INSERT INTO b SELECT i, 'row of b ' || i FROM n WHERE i > {part * 200} AND i <= {(part + 1) * 200}", $"{many}INSERT INTO o SELECT i, 0.5, randomblob(900 + i * 100) FROM n WHERE i > {part * 5} AND i <= {(part + 1) * 5}");
        }

        var truth = new[] { "a", "b", "o" }.ToDictionary(table => table, table => SalvageFolder.Rows(folder.Source, table, "id"));
        var bytes = File.ReadAllBytes(folder.Source).ToList();
        var foreign = new byte[1024];
        new Random(cut).NextBytes(foreign);
        bytes.RemoveRange((cut - 1) * 1024, 1024);
        bytes.InsertRange((put - 1) * 1024, foreign);
        File.WriteAllBytes(folder.Source, [.. bytes]);

        folder.Salvage();

        var found = 0;
        foreach (var (table, rows) in truth)
        {
            Assert.All(SalvageFolder.Rows(folder.Destination, table, "id"), row => Assert.Equal(rows.GetValueOrDefault(row.Key), row.Value));
            found += SalvageFolder.Rows(folder.Destination, table, "id").Count;
        }

        // Whether the root that was cut out is one like table's or the other's no page says.
        Assert.InRange(found, least, 2025);
    }

    private void Make(int tables) => folder.Execute(
        [$"PRAGMA page_size = {PageSize}", .. Enumerable.Range(0, tables).SelectMany(number => new[] { $"CREATE TABLE t{number}(id INTEGER PRIMARY KEY, name TEXT, a{number} {(number % 2 == 0 ? "REAL" : "TEXT")})", $"{Numbers}INSERT INTO t{number} SELECT i, 'row ' || i, {(number % 2 == 0 ? "i + 0.5" : "'x'")} FROM n" })]);

    private Dictionary<string, Dictionary<string, string>> Truth(int tables) =>
        Enumerable.Range(0, tables).Select(number => $"t{number}").ToDictionary(table => table, table => SalvageFolder.Rows(folder.Source, table, "id"));

    private int LeafOf(string name) => (int)SalvageFolder.Count(folder.Source, $"SELECT rootpage FROM sqlite_schema WHERE name = '{name}'") is var root
        && File.ReadAllBytes(folder.Source) is var bytes && bytes[(root - 1) * 512] is 10 ? root : Child(bytes, root);

    private static int Child(byte[] bytes, int root)
    {
        var start = (root - 1) * 512;
        var cell = start + (bytes[start + 12] << 8) + bytes[start + 13];
        return (bytes[cell] << 24) + (bytes[cell + 1] << 16) + (bytes[cell + 2] << 8) + bytes[cell + 3];
    }

    private void Cut(int page, int pages)
    {
        var bytes = File.ReadAllBytes(folder.Source);
        File.WriteAllBytes(folder.Source, [.. bytes[..((page - 1) * PageSize)], .. bytes[((page - 1 + pages) * PageSize)..]]);
    }
}
