using System.Buffers.Binary;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Pages that stand in the place of others: what cannot be told apart is never given out as a table's.</summary>
public sealed class MisplacedPageTests : IDisposable
{
    private const int PageSize = 4096;
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) ";

    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_root_in_the_place_of_another_tables_leaf_gave_that_table_all_its_rows()
    {
        Make("a(id INTEGER PRIMARY KEY, code TEXT)", 0);
        Make("b(id INTEGER PRIMARY KEY, code TEXT)", 5000);
        var truth = Truth("a", "b");

        Write(RightChild(Root("a")), Page(Root("b")));
        Write(Root("b"), new byte[PageSize]);
        folder.Salvage();

        AssertNothingFalse(truth);
        Assert.True(SalvageFolder.Rows(folder.Destination, "a", "id").Count > 300);
    }

    [Fact]
    public void A_leaf_of_another_table_took_the_place_of_a_page_that_holds_a_third_ones()
    {
        Make("a(id INTEGER PRIMARY KEY, code TEXT, x, y, z)", 0, ", 1.5, x'00', 'z'");
        Make("b(id INTEGER PRIMARY KEY, code TEXT)", 5000);
        var truth = Truth("a", "b");

        Write(RightChild(Root("a")), Page(Root("b")));
        Write(Root("b"), Page(RightChild(Root("b"))));
        folder.Salvage();

        AssertNothingFalse(truth);
    }

    [Fact]
    public void Exchanged_leaves_of_two_tables_without_rowids_gave_each_the_others_rows()
    {
        Make("a(id INTEGER PRIMARY KEY, code TEXT) WITHOUT ROWID", 0);
        Make("b(id INTEGER PRIMARY KEY, code TEXT) WITHOUT ROWID", 5000);
        var truth = Truth("a", "b");
        var (a, b) = (Child(Root("a"), 2), Child(Root("b"), 2));
        var (pageOfA, pageOfB) = (Page(a), Page(b));

        Write(a, pageOfB);
        Write(b, pageOfA);
        folder.Salvage();

        AssertNothingFalse(truth);
        Assert.Equal(truth["a"].Count + truth["b"].Count, SalvageFolder.Rows(folder.Destination, "a", "id").Count + SalvageFolder.Rows(folder.Destination, "b", "id").Count);
    }

    [Fact]
    public void A_leaf_of_another_table_in_the_place_of_a_root_was_all_that_a_table_held()
    {
        Make("a(id INTEGER PRIMARY KEY, code TEXT)", 0);
        Make("b(id INTEGER PRIMARY KEY, code TEXT)", 5000);
        var truth = Truth("a", "b");

        Write(Root("a"), Page(Child(Root("b"), 0)));
        folder.Salvage();

        AssertNothingFalse(truth);
        Assert.Equal(truth["b"], SalvageFolder.Rows(folder.Destination, "b", "id"));
    }

    [Fact]
    public void A_copy_of_a_table_in_the_place_of_an_index_makes_no_row_uncertain()
    {
        folder.Execute("CREATE TABLE a(id INTEGER PRIMARY KEY, code TEXT)", Numbers + "INSERT INTO a SELECT i, 'row ' || i FROM n WHERE i < 100", "CREATE INDEX a_code ON a(code)");
        var truth = Truth("a");

        Write(Root("a_code"), Page(Root("a")));
        folder.Salvage();

        Assert.Equal(truth["a"], SalvageFolder.Rows(folder.Destination, "a", "id"));
    }

    [Fact]
    public void Exchanged_roots_of_tables_with_different_columns_gave_one_the_others_rows()
    {
        Make("a(id INTEGER PRIMARY KEY, x, y)", 0, ", i");
        Make("b(id INTEGER PRIMARY KEY, x BLOB)", 0);
        var truth = Truth("a", "b");
        var (a, b) = (Root("a"), Root("b"));
        var (pageOfA, pageOfB) = (Page(a), Page(b));

        Write(a, pageOfB);
        Write(b, pageOfA);
        folder.Salvage();

        AssertNothingFalse(truth);
    }

    private void Make(string table, int first, string more = "") =>
        folder.Execute($"CREATE TABLE {table}", $"{Numbers}INSERT INTO {table[0]} SELECT {first} + i, 'row of {table[0]} ' || i || hex(zeroblob(10)){more} FROM n");

    private Dictionary<string, Dictionary<string, string>> Truth(params string[] tables) => tables.ToDictionary(table => table, table => SalvageFolder.Rows(folder.Source, table, "id"));

    private void AssertNothingFalse(Dictionary<string, Dictionary<string, string>> truth)
    {
        foreach (var (table, rows) in truth)
        {
            Assert.All(SalvageFolder.Rows(folder.Destination, table, "id"), row => Assert.Equal(rows.GetValueOrDefault(row.Key), row.Value));
        }
    }

    private uint Root(string name) => (uint)SalvageFolder.Count(folder.Source, $"SELECT rootpage FROM sqlite_schema WHERE name = '{name}'");

    private byte[] Page(uint number) => File.ReadAllBytes(folder.Source)[(int)((number - 1) * PageSize)..(int)(number * PageSize)];

    private uint RightChild(uint page) => BinaryPrimitives.ReadUInt32BigEndian(Page(page).AsSpan(8));

    private uint Child(uint page, int cell) => BinaryPrimitives.ReadUInt32BigEndian(Page(page).AsSpan(BinaryPrimitives.ReadUInt16BigEndian(Page(page).AsSpan(12 + (2 * cell)))));

    private void Write(uint number, byte[] page)
    {
        using var file = File.OpenWrite(folder.Source);
        file.Position = (number - 1) * PageSize;
        file.Write(page);
    }
}
