using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Finds cells by what they look like, where no pointer leads to them.</summary>
internal sealed class CellCarver(int usable)
{
    private readonly RecordLayout layout = new();
    private readonly bool[] covered = new bool[usable];
    private readonly int[] joining = new int[usable + 1];
    private readonly bool[] begins = new bool[usable + 1];

    /// <summary>Cells between those that the page's pointers lead to and its free blocks.</summary>
    /// <param name="view">The page.</param>
    /// <param name="shape">Its table.</param>
    /// <param name="believed">By cell whether its pointer and its key are believed.</param>
    public List<Cell> BetweenCells(in BtreePage view, TableShape shape, ReadOnlySpan<bool> believed)
    {
        Array.Clear(covered);
        covered.AsSpan(0, Math.Min(usable, Math.Max(view.PointerEnd, Math.Min(view.ContentStart, usable)))).Fill(true);
        for (var index = 0; index < believed.Length; index++)
        {
            if (believed[index] && view.TryCell(index, out var cell))
            {
                covered.AsSpan(cell.Offset, Math.Min(cell.Size, usable - cell.Offset)).Fill(true);
            }
        }

        var block = view.FirstFreeBlock;
        for (var steps = 0; block >= view.PointerEnd && block <= usable - 4 && steps < usable / 4; steps++)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(view.Data[(block + 2)..]);
            covered.AsSpan(block, Math.Min(size, usable - block)).Fill(true);
            var next = BinaryPrimitives.ReadUInt16BigEndian(view.Data[block..]);
            block = next > block ? next : 0;
        }

        return Carve(view, shape, 0, usable);
    }

    /// <summary>
    /// A cell whose length contradicts its record's header, with the length of the header: only where it then ends exactly where another cell or the page does.
    /// </summary>
    public bool TryMend(in BtreePage view, in Cell damaged, out Cell mended)
    {
        mended = default;
        var length = damaged.Overflow == 0 ? layout.OwnLength(view.Data[damaged.PayloadOffset..usable], usable - damaged.PayloadOffset) : 0;
        var end = damaged.PayloadOffset + length;
        var ends = end == usable;
        for (var index = 0; index < view.CellCount && !ends; index++)
        {
            ends = view.TryPointer(index, out var offset) && offset == end;
        }

        if (length == 0 || !ends)
        {
            return false;
        }

        mended = damaged with { PayloadLength = length, LocalLength = length, Size = end - damaged.Offset };
        return true;
    }

    /// <summary>Cells in the space that the page has not given to any: rows that were deleted.</summary>
    public List<Cell> InUnusedSpace(in BtreePage view, TableShape shape)
    {
        Array.Clear(covered);
        return Carve(view, shape, Math.Min(usable, view.PointerEnd), Math.Min(usable, view.ContentStart));
    }

    /// <summary>
    /// The rows of a page whose header is lost, by the array of pointers behind it: as long as pointers lead to cells that suit the table, with growing keys.
    /// </summary>
    /// <param name="view">The page, taken for a leaf.</param>
    /// <param name="shape">The table.</param>
    /// <param name="whole">Whether the cells fill the page to its end without a gap: then none was ever deleted from it.</param>
    public List<Cell> WithoutHeader(in BtreePage view, TableShape shape, out bool whole)
    {
        var cells = new List<Cell>();
        var least = usable;
        var total = 0;
        for (var at = view.PointerStart; at + 2 <= least; at += 2)
        {
            var offset = BinaryPrimitives.ReadUInt16BigEndian(view.Data[at..]);
            if (offset < at + 2 || !IsRow(view, offset, shape, older: false, out var cell) || (cells.Count > 0 && !shape.WithoutRowId && cell.RowId <= cells[^1].RowId))
            {
                break;
            }

            cells.Add(cell);
            least = Math.Min(least, offset);
            total += cell.Size;
        }

        whole = cells.Count > 0 && least + total + FreeBytes(view) == usable;
        return cells;
    }

    /// <summary>
    /// The cells of a page whose header and pointers are lost, but for those that are known. Where two overlap the one that ends just where another cell, or the page, does
    /// is the cell; and what may be an older row, which lacks the last columns, is one only there.
    /// </summary>
    /// <param name="view">The page, taken for a leaf.</param>
    /// <param name="shape">The table.</param>
    /// <param name="known">Cells of it that pointers lead to.</param>
    public List<Cell> WithoutPointers(in BtreePage view, TableShape shape, List<Cell> known)
    {
        Array.Clear(covered);
        foreach (var cell in known)
        {
            covered.AsSpan(cell.Offset, Math.Min(cell.Size, usable - cell.Offset)).Fill(true);
        }

        // By place: whether a cell may begin there, and the next one from there on that joins.
        Array.Clear(begins);
        joining[usable] = usable;
        for (var at = usable - 1; at >= view.PointerStart; at--)
        {
            joining[at] = joining[at + 1];
            if (!covered[at] && IsRow(view, at, shape, older: true, out var cell) && at + cell.Size <= usable && !covered.AsSpan(at, cell.Size).Contains(true))
            {
                var joins = at + cell.Size == usable || covered[at + cell.Size] || begins[at + cell.Size];
                joining[at] = joins ? at : joining[at];
                begins[at] = joins || layout.Count == shape.Fields.Count;
            }
        }

        var cells = new List<Cell>();
        for (var at = view.PointerStart; at < usable; at++)
        {
            if (begins[at] && IsRow(view, at, shape, older: true, out var cell) && (joining[at] == at || joining[at] >= at + cell.Size))
            {
                cells.Add(cell);
                at += cell.Size - 1;
            }
        }

        return cells;
    }

    private int FreeBytes(in BtreePage view)
    {
        int free = view.Fragments;
        var block = view.FirstFreeBlock;
        while (block >= view.PointerStart && block <= usable - 4)
        {
            free += BinaryPrimitives.ReadUInt16BigEndian(view.Data[(block + 2)..]);
            var next = BinaryPrimitives.ReadUInt16BigEndian(view.Data[block..]);
            block = next > block ? next : 0;
        }

        return free;
    }

    private List<Cell> Carve(in BtreePage view, TableShape shape, int from, int to)
    {
        var cells = new List<Cell>();
        for (var at = from; at < to - 4; at++)
        {
            if (covered[at] || !IsRow(view, at, shape, older: false, out var cell) || cell.Offset + cell.Size > to
                || covered.AsSpan(at, cell.Size).Contains(true))
            {
                continue;
            }

            cells.Add(cell);
            at += cell.Size - 1;
        }

        return cells;
    }

    // A few zeros look like a record, too: a header with at least one value, and as many values as the table has, or had once.
    private bool IsRow(in BtreePage view, int offset, TableShape shape, bool older, out Cell cell) =>
        Cell.TryRead(view.Data, offset, view.Kind, usable, out cell)
        && cell.PayloadLength > 2
        && layout.TryRead(view.Data.Slice(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength)
        && (layout.Count == shape.Fields.Count || (older && layout.Count > 1))
        && shape.Fit(layout) >= (layout.Count == shape.Fields.Count ? 1 : TableShape.Older);
}
