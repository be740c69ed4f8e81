using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Holds a page's cells, free blocks and fragments against the room that they take: what nothing accounts for was a cell once.</summary>
internal static class PageAccount
{
    // A cell that is freed leaves less than this as fragments, and at least this as a free block.
    private const int LeastFreeBlock = 4;

    /// <summary>Whether every byte is accounted for.</summary>
    public static bool IsBalanced(in BtreePage view)
    {
        if (view.PointerEnd > view.Usable || view.ContentStart < view.PointerEnd || view.ContentStart > view.Usable)
        {
            return false;
        }

        var taken = (long)view.Fragments;
        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                return false;
            }

            taken += Math.Max(LeastFreeBlock, cell.Size);
        }

        for (var block = view.FirstFreeBlock; block != 0;)
        {
            if (block + LeastFreeBlock > view.Usable)
            {
                return false;
            }

            taken += BinaryPrimitives.ReadUInt16BigEndian(view.Data[(block + 2)..]);
            var next = BinaryPrimitives.ReadUInt16BigEndian(view.Data[block..]);
            if (next != 0 && next <= block)
            {
                return false;
            }

            block = next;
        }

        return taken == view.Usable - view.ContentStart;
    }
}
