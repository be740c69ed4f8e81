using System.Buffers.Binary;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Rows are never given out as another table's: not where a table is lost, nor where two roots were exchanged.</summary>
public sealed class WrongTableTests : IDisposable
{
    private const string Columns = "(id INTEGER PRIMARY KEY, code TEXT NOT NULL, n INT)";
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) ";
    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_of_a_table_whose_entry_is_lost_stay_apart_although_another_table_suits_them(bool rootOfTheOtherLost)
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 5000);
        var b = SalvageFolder.Rows(folder.Source, "b", "id");
        var root = Root("b");
        ForgetEntry("a");
        if (rootOfTheOtherLost)
        {
            Overwrite(root, bytes => bytes.Clear());
        }

        var report = folder.Salvage();

        Assert.Equal(rootOfTheOtherLost ? [] : b, SalvageFolder.Rows(folder.Destination, "b", "id"));
        Assert.Equal(rootOfTheOtherLost ? 1800 : 900, report.UnplacedRows);
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE table_name IS NOT NULL OR reason NOT LIKE 'its table is not known%'"));
        Assert.Contains(report.Notes, note => note.StartsWith("The schema is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_an_entry_is_lost_the_indexes_still_give_another_table_its_own_rows()
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute("CREATE INDEX b_code ON b(code)");
        var b = SalvageFolder.Rows(folder.Source, "b", "id");
        var root = Root("b");
        ForgetEntry("a");
        Overwrite(root, bytes => bytes.Clear());

        var report = folder.Salvage();

        Assert.Equal(b, SalvageFolder.Rows(folder.Destination, "b", "id"));
        Assert.Equal(900, report.UnplacedRows);
    }

    [Fact]
    public void Leaves_that_may_be_of_two_tables_stay_apart_although_one_suits_them_better()
    {
        folder.Execute("CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT, y INT)", "CREATE TABLE b(id INTEGER PRIMARY KEY, x, y)");
        folder.Execute(Numbers + "INSERT INTO a SELECT i, 'apple ' || i, i FROM n", Numbers + "INSERT INTO b SELECT i, 'berry ' || i, i FROM n");
        var roots = new[] { Root("a"), Root("b") };
        roots.ToList().ForEach(root => Overwrite(root, bytes => bytes.Clear()));

        var report = folder.Salvage();

        Assert.Equal(1800, report.UnplacedRows);
        Assert.Equal(1800, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM lost_and_found WHERE reason LIKE '%it suits a, b%'"));
    }

    [Theory]
    [InlineData("CREATE INDEX a_code ON a(code); CREATE INDEX b_code ON b(code)", false)]
    [InlineData("CREATE INDEX a_code ON a(code)", false)]
    [InlineData("CREATE INDEX a_code ON a(code); CREATE INDEX a_both ON a(n, code); CREATE INDEX b_code ON b(code)", true)]
    [InlineData("CREATE INDEX a_code ON a(code); CREATE INDEX a_both ON a(n, code); CREATE INDEX b_code ON b(code); CREATE INDEX b_both ON b(n, code)", true)]
    public void Exchanged_roots_are_put_right_where_the_indexes_prove_it_and_else_no_row_of_either_counts_as_certain(string indexes, bool proved)
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute(indexes);
        var (a, b) = (SalvageFolder.Rows(folder.Source, "a", "id"), SalvageFolder.Rows(folder.Source, "b", "id"));
        folder.Execute($"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = {Root("a") + Root("b")} - rootpage WHERE type = 'table' AND name IN ('a', 'b')");

        var report = folder.Salvage();

        Assert.Equal(proved ? a : [], SalvageFolder.Rows(folder.Destination, "a", "id"));
        Assert.Equal(proved ? b : [], SalvageFolder.Rows(folder.Destination, "b", "id"));
        Assert.Equal(proved ? 0 : 1800, report.UncertainRows);
        Assert.Contains(report.Notes, note => note.Contains("exchanged", StringComparison.Ordinal) || note.Contains("has its own rows again", StringComparison.Ordinal));
    }

    [Fact]
    public void Old_pages_of_two_indexes_gave_a_table_the_rows_of_its_unindexed_old_copy_as_certain()
    {
        Fill("orders", "open", 0);
        folder.Execute("CREATE TABLE archive" + Columns, "INSERT INTO archive SELECT * FROM orders", "CREATE INDEX by_code ON orders(code)", "CREATE INDEX by_both ON orders(n, code)");
        var old = File.ReadAllBytes(folder.Source);
        folder.Execute("UPDATE orders SET code = replace(code, 'open', 'done')");
        RestoreTree(old, "by_code");
        RestoreTree(old, "by_both");

        var report = folder.Salvage();

        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT (SELECT count(*) FROM orders WHERE code LIKE 'open%') + (SELECT count(*) FROM archive WHERE code LIKE 'done%')"));
        Assert.Equal((0, 1800), (report.Rows, report.UncertainRows));
    }

    [Fact]
    public void A_pointer_to_a_leaf_of_another_table_costs_that_table_no_page()
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute("CREATE INDEX a_code ON a(code)", "CREATE INDEX b_code ON b(code)");
        var a = SalvageFolder.Rows(folder.Source, "a", "id");
        var leaf = FirstChild(Root("a"));
        Overwrite(Root("b"), page => BinaryPrimitives.WriteUInt32BigEndian(page[BinaryPrimitives.ReadUInt16BigEndian(page[12..])..], leaf));

        var report = folder.Salvage();

        Assert.Equal(a, SalvageFolder.Rows(folder.Destination, "a", "id"));
        Assert.Contains(report.Notes, note => note.StartsWith("1 pages are claimed", StringComparison.Ordinal));
        Assert.Equal(0, report.Tables.Single(table => table.Name == "a").PagesLost);
    }

    [Fact]
    public async Task A_wrong_pointer_to_a_page_that_points_to_itself_held_up_the_salvage_for_good()
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        var root = Root("a");
        Overwrite(root, page =>
        {
            BinaryPrimitives.WriteUInt32BigEndian(page[8..], root);
            for (var cell = 0; cell < BinaryPrimitives.ReadUInt16BigEndian(page[3..]); cell++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(page[BinaryPrimitives.ReadUInt16BigEndian(page[(12 + (2 * cell))..])..], root);
            }
        });
        folder.Execute($"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = {root} WHERE name = 'b'");

        var report = await Task.Run(() => folder.Salvage()).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.True(report.Rows + report.UncertainRows + report.UnplacedRows > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_root_that_was_written_over_another_ones_gives_no_table_the_others_rows(bool indexed)
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute(indexed ? "CREATE INDEX a_code ON a(code); CREATE INDEX b_code ON b(code)" : "SELECT 1");
        var (a, b) = (SalvageFolder.Rows(folder.Source, "a", "id"), SalvageFolder.Rows(folder.Source, "b", "id"));
        var (from, to) = (Root("b"), Root("a"));
        var bytes = File.ReadAllBytes(folder.Source);
        bytes.AsSpan((int)(from - 1) * 4096, 4096).CopyTo(bytes.AsSpan((int)(to - 1) * 4096));
        File.WriteAllBytes(folder.Source, bytes);

        var report = folder.Salvage();

        Assert.Equal(indexed ? a : [], SalvageFolder.Rows(folder.Destination, "a", "id"));
        Assert.Equal(indexed ? b : [], SalvageFolder.Rows(folder.Destination, "b", "id"));
        Assert.Equal((indexed ? 1800 : 0, indexed ? 0 : 1800), (report.Rows, report.UncertainRows + report.UnplacedRows));
    }

    [Fact]
    public void Exchanged_roots_of_two_indexes_leave_no_row_under_a_wrong_name()
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute("CREATE INDEX a_code ON a(code); CREATE INDEX b_code ON b(code)");
        folder.Execute($"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = {Root("a_code") + Root("b_code")} - rootpage WHERE type = 'index'");

        Assert.Equal(1800, folder.Salvage().UncertainRows);
    }

    [Fact]
    public void An_index_whose_entries_belong_to_nobody_makes_no_row_uncertain()
    {
        Fill("a", "apple", 0);
        Fill("b", "berry", 0);
        folder.Execute("CREATE INDEX a_code ON a(code)");
        var a = SalvageFolder.Rows(folder.Source, "a", "id");
        folder.Execute("PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = 'CREATE INDEX a_code ON a(n)' WHERE name = 'a_code'");

        Assert.Equal(0, folder.Salvage().UncertainRows);
        Assert.Equal(a, SalvageFolder.Rows(folder.Destination, "a", "id"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_highest_key_ever_given_out_stays_and_one_that_is_lost_is_told(bool lost)
    {
        folder.Execute("CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT)", Numbers + "INSERT INTO a SELECT i, 'apple ' || i FROM n", "DELETE FROM a WHERE id > 800");
        if (lost)
        {
            Overwrite(Root("sqlite_sequence"), bytes => bytes.Clear());
        }

        var report = folder.Salvage();

        Assert.Equal(lost ? 800 : 900, SalvageFolder.Count(folder.Destination, "SELECT seq FROM sqlite_sequence WHERE name = 'a'"));
        Assert.Equal(lost, report.Notes.Any(note => note.StartsWith("sqlite_sequence: the row of a is lost", StringComparison.Ordinal)));
        Assert.Equal(0, report.UncertainRows);
    }

    private void Fill(string table, string word, int first) =>
        folder.Execute($"CREATE TABLE {table}{Columns}", $"{Numbers}INSERT INTO {table} SELECT {first} + i, '{word} ' || i, i FROM n");

    // As a checkpoint that was cut off leaves it: the tree's pages are those of before.
    private void RestoreTree(byte[] old, string index)
    {
        var root = Root(index);
        var pages = new List<uint> { root };
        if (old[(root - 1) * 4096] == 2)
        {
            var page = old.AsSpan((int)(root - 1) * 4096, 4096);
            pages.Add(BinaryPrimitives.ReadUInt32BigEndian(page[8..]));
            for (var cell = 0; cell < BinaryPrimitives.ReadUInt16BigEndian(page[3..]); cell++)
            {
                pages.Add(BinaryPrimitives.ReadUInt32BigEndian(page[BinaryPrimitives.ReadUInt16BigEndian(page[(12 + (2 * cell))..])..]));
            }
        }

        pages.ForEach(page => Overwrite(page, bytes => old.AsSpan((int)(page - 1) * 4096, 4096).CopyTo(bytes)));
    }

    private uint FirstChild(uint page)
    {
        var bytes = File.ReadAllBytes(folder.Source).AsSpan((int)(page - 1) * 4096, 4096);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes[BinaryPrimitives.ReadUInt16BigEndian(bytes[12..])..]);
    }

    private uint Root(string name) => (uint)SalvageFolder.Count(folder.Source, $"SELECT rootpage FROM sqlite_schema WHERE name = '{name}'");

    private void Overwrite(uint page, SpanWriter write)
    {
        var bytes = File.ReadAllBytes(folder.Source);
        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(16));
        write(bytes.AsSpan((int)(page - 1) * size, size));
        File.WriteAllBytes(folder.Source, bytes);
    }

    // As a lost write leaves it: the cell's pointer is gone from the page, whose count is one less.
    private void ForgetEntry(string table)
    {
        var name = System.Text.Encoding.UTF8.GetBytes($"table{table}{table}");
        Overwrite(1, page =>
        {
            var count = BinaryPrimitives.ReadUInt16BigEndian(page[103..]);
            var kept = 0;
            for (var index = 0; index < count; index++)
            {
                var pointer = BinaryPrimitives.ReadUInt16BigEndian(page[(108 + (2 * index))..]);
                if (page.Slice(pointer, 40).IndexOf(name) < 0)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(page[(108 + (2 * kept++))..], pointer);
                }
            }

            Assert.Equal(count - 1, kept);
            BinaryPrimitives.WriteUInt16BigEndian(page[103..], (ushort)kept);
        });
    }

    private delegate void SpanWriter(Span<byte> bytes);
}
