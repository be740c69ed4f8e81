using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Tells which cells of a leaf have keys that stand in order: the most that do so together. One key among many that does not is wrong itself,
/// rather than all that come behind it.
/// </summary>
internal sealed class KeyOrder
{
    private long[] keys = new long[64];
    private int[] ends = new int[64];
    private int[] before = new int[64];
    private bool[] inOrder = new bool[64];

    /// <summary>Judges the cells of a page.</summary>
    /// <param name="view">The page.</param>
    /// <param name="shape">Its table. Of rows without a rowid only integers that come first are judged.</param>
    /// <param name="layout">Room for reading records.</param>
    /// <returns>By cell whether its key is in order; a cell that cannot be read is not.</returns>
    public ReadOnlySpan<bool> Judge(in BtreePage view, TableShape shape, RecordLayout layout)
    {
        var count = Math.Max(0, Math.Min(view.CellCount, (view.Usable - view.PointerStart) / 2));
        if (count > keys.Length)
        {
            (keys, ends, before, inOrder) = (new long[count], new int[count], new int[count], new bool[count]);
        }

        inOrder.AsSpan(0, count).Clear();
        var plain = true;
        var rising = true;
        var (last, any) = (0L, false);
        for (var index = 0; index < count && plain; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                continue;
            }

            var record = view.Data.Slice(cell.PayloadOffset, cell.LocalLength);
            if (view.Kind != PageKind.TableInterior && !layout.TryRead(record, cell.PayloadLength))
            {
                // A pointer into the middle of something, or a record that is damaged itself.
                continue;
            }

            plain = TryKey(shape, cell, record, layout, out keys[index]);
            inOrder[index] = true;
            rising &= !any || keys[index] > last;
            (last, any) = (keys[index], true);
        }

        if (!plain)
        {
            for (var index = 0; index < count; index++)
            {
                inOrder[index] = view.TryCell(index, out var cell) && layout.TryRead(view.Data.Slice(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength);
            }
        }
        else if (!rising)
        {
            Longest(count);
        }

        return inOrder.AsSpan(0, count);
    }

    /// <summary>The key of a cell: the rowid, or the integer that comes first in a row without one. False when it has no such key.</summary>
    /// <param name="shape">Its table.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="record">The part of its record that is in its page.</param>
    /// <param name="layout">The record's layout.</param>
    /// <param name="key">The key.</param>
    public static bool TryKey(TableShape shape, in Cell cell, ReadOnlySpan<byte> record, RecordLayout layout, out long key)
    {
        key = cell.RowId;
        if (!shape.InIndexTree)
        {
            return true;
        }

        if (shape is not { IsUnknown: false, HasIntegerKey: true } || !layout.IsInteger(0)
            || layout.OffsetOf(0) + layout.LengthOf(0) > record.Length)
        {
            return false;
        }

        key = layout.Integer(0, record);
        return true;
    }

    // The longest rising row of keys, by patience: a pile's end is the least key with which so many can end.
    private void Longest(int count)
    {
        var piles = 0;
        for (var index = 0; index < count; index++)
        {
            if (!inOrder[index])
            {
                continue;
            }

            var (low, high) = (0, piles);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = keys[ends[middle]] < keys[index] ? (middle + 1, high) : (low, middle);
            }

            before[index] = low == 0 ? -1 : ends[low - 1];
            ends[low] = index;
            piles = Math.Max(piles, low + 1);
        }

        inOrder.AsSpan(0, count).Clear();
        for (var index = piles == 0 ? -1 : ends[piles - 1]; index >= 0; index = before[index])
        {
            inOrder[index] = true;
        }
    }
}
