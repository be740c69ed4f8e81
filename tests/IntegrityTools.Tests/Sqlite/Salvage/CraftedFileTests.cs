using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Files that somebody made to hold a salvage up, or that look like what they are not.</summary>
public sealed class CraftedFileTests : IDisposable
{
    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    public void An_inner_page_of_a_sound_database_of_four_pages_was_taken_for_a_pointer_map(int pageSize)
    {
        folder.Execute($"PRAGMA page_size = {pageSize}", "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)");
        for (var id = 1; new FileInfo(folder.Source).Length < 4 * pageSize; id++)
        {
            folder.Execute($"INSERT INTO t VALUES({id}, 'row {id}')");
        }

        var truth = SalvageFolder.Rows(folder.Source, "t", "id");
        var report = folder.Salvage();

        Assert.Equal(truth, SalvageFolder.Rows(folder.Destination, "t", "id"));
        Assert.Equal(0, report.PagesLost);
    }

    [Fact]
    public void Many_cells_that_lead_to_one_long_chain_made_a_new_database_of_any_size()
    {
        folder.Execute(
            "PRAGMA page_size = 512",
            "CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)",
            "INSERT INTO t VALUES(1, zeroblob(1000000))",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO t SELECT i + 1000, randomblob(40) FROM n");
        var bytes = File.ReadAllBytes(folder.Source);
        var chain = FirstOverflow(bytes);
        for (var at = 512; at < bytes.Length; at += 512)
        {
            if (bytes[at] == 13 && bytes[at + 3] == 0 && bytes[at + 4] is > 1 and <= 10)
            {
                Lead(bytes.AsSpan(at, 512), chain);
            }
        }

        File.WriteAllBytes(folder.Source, bytes);
        folder.Salvage();

        Assert.InRange(new FileInfo(folder.Destination).Length, 0, 100L * bytes.Length);
    }

    [Fact]
    public async Task Free_blocks_that_lie_over_one_another_held_up_the_salvage_for_good()
    {
        const int pageSize = 65536;
        folder.Execute($"PRAGMA page_size = {pageSize}", "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)", "INSERT INTO t VALUES(1, 2, 3)");
        var bytes = File.ReadAllBytes(folder.Source);
        var page = bytes.AsSpan(pageSize);
        BinaryPrimitives.WriteUInt16BigEndian(page[1..], 16);
        for (var at = 16; at < pageSize - 32; at += 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(page[at..], (ushort)(at + 4));
            BinaryPrimitives.WriteUInt16BigEndian(page[(at + 2)..], (ushort)(pageSize - at - 1));
        }

        File.WriteAllBytes(folder.Source, bytes);
        var report = await Task.Run(() => folder.Salvage(deleted: true)).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(1, report.Rows);
    }

    [Fact]
    public void A_length_that_does_not_end_before_its_page_does_is_no_cell() =>
        Assert.False(Cell.TryRead([0, 0, 0, 0, 0x80, 0x80, 0x80, 0x81], 4, PageKind.IndexLeaf, 8, out _));

    private static uint FirstOverflow(byte[] bytes)
    {
        for (var page = 2u; ; page++)
        {
            if (BtreePage.Of(bytes.AsSpan((int)(page - 1) * 512, 512), page, 512) is { Kind: PageKind.TableLeaf, CellCount: > 0 } view && view.TryCell(0, out var cell) && cell.RowId == 1)
            {
                return cell.Overflow;
            }
        }
    }

    // Every cell of a leaf becomes one of a million bytes that goes on in the same pages.
    private static void Lead(Span<byte> page, uint chain)
    {
        const int size = 3 + 2 + 39 + 4;
        var count = page[4];
        var rowIds = new byte[2 * count];
        for (var index = 0; index < count; index++)
        {
            var cell = BinaryPrimitives.ReadUInt16BigEndian(page[(8 + (2 * index))..]);
            page.Slice(cell + 1, 2).CopyTo(rowIds.AsSpan(2 * index));
        }

        for (var index = 0; index < count; index++)
        {
            var at = 512 - (size * (index + 1));
            var length = 39 + (508 * 1900);
            BinaryPrimitives.WriteUInt16BigEndian(page[(8 + (2 * index))..], (ushort)at);
            page.Slice(at, size).Fill(1);
            (page[at], page[at + 1], page[at + 2]) = ((byte)(0x80 | (length >> 14)), (byte)(0x80 | ((length >> 7) & 0x7f)), (byte)(length & 0x7f));
            rowIds.AsSpan(2 * index, 2).CopyTo(page[(at + 3)..]);
            BinaryPrimitives.WriteUInt32BigEndian(page[(at + size - 4)..], chain);
        }
    }
}
