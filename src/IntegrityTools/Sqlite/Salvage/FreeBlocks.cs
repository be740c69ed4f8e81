using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Rows that were deleted from a page and stand in its free blocks. A free block's own four bytes stand over the beginning of the row: its
/// length, its rowid and perhaps the beginning of its record's header, which the columns and the block's end give back.
/// </summary>
internal sealed class FreeBlocks(int usable)
{
    private const int BlockHeader = 4;
    private const int LongestStart = 11;

    private readonly RecordLayout layout = new();
    private readonly byte[] record = new byte[usable + LongestStart];

    /// <summary>Hears of a row.</summary>
    /// <param name="offset">Where in the page it was.</param>
    /// <param name="layout">Where its values lie.</param>
    /// <param name="record">Its record.</param>
    public delegate void Found(int offset, RecordLayout layout, ReadOnlySpan<byte> record);

    /// <summary>Finds them.</summary>
    public void Read(in BtreePage view, TableShape shape, Found found)
    {
        var block = view.FirstFreeBlock;
        for (var steps = 0; block >= view.PointerEnd && block <= usable - BlockHeader && steps < usable / BlockHeader; steps++)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(view.Data[(block + 2)..]);
            var end = Math.Min(usable, block + size);

            // Blocks that touch were made one: several rows may stand in it, each with its own beginning gone.
            for (var at = block; at < end - BlockHeader;)
            {
                var length = TryRow(view.Data[at..end], shape);
                if (length > 0)
                {
                    found(at, layout, record.AsSpan(0, layout.OffsetOf(layout.Count - 1) + layout.LengthOf(layout.Count - 1)));
                }

                at += Math.Max(1, length);
            }

            var next = BinaryPrimitives.ReadUInt16BigEndian(view.Data[block..]);
            block = next >= end ? next : 0;
        }
    }

    // How many bytes of the block a row takes that begins there; 0 when none does. The one that fills the block to its end is the likeliest.
    private int TryRow(ReadOnlySpan<byte> block, TableShape shape)
    {
        var best = 0;
        for (var start = shape.WithoutRowId ? 1 : 2; start <= LongestStart && best < block.Length; start++)
        {
            if (Rebuild(block, shape, start) is > 0 and var length && (best == 0 || length == block.Length))
            {
                best = length;
            }
        }

        return best > 0 && Rebuild(block, shape, StartOf(block, shape, best)) == best ? best : 0;
    }

    private int StartOf(ReadOnlySpan<byte> block, TableShape shape, int length)
    {
        for (var start = shape.WithoutRowId ? 1 : 2; start <= LongestStart; start++)
        {
            if (Rebuild(block, shape, start) == length)
            {
                return start;
            }
        }

        return 0;
    }

    // The record, whose header begins so many bytes after the row did. What of the header is gone must follow from the columns.
    private int Rebuild(ReadOnlySpan<byte> block, TableShape shape, int start)
    {
        var lost = BlockHeader - start;
        var known = Math.Max(BlockHeader, start);
        int header;
        if (known >= block.Length)
        {
            return 0;
        }

        if (lost <= 0)
        {
            if (Varint.Read(block[start..], out var told) != 1 || told < 2 || start + told > block.Length)
            {
                return 0;
            }

            header = (int)told;
        }
        else
        {
            // Gone are the header's length and so many types behind it: those can only be NULL, of a column that is the rowid.
            for (var gone = 0; gone < lost - 1; gone++)
            {
                if (gone >= shape.Fields.Count || !shape.Fields[gone].IsRowId)
                {
                    return 0;
                }
            }

            var at = known;
            for (var field = lost - 1; field < shape.Fields.Count; field++)
            {
                var read = at < block.Length ? Varint.Read(block[at..], out _) : 0;
                if (read == 0)
                {
                    return 0;
                }

                at += read;
            }

            header = at - start;
        }

        if (header > 127 || start + header > block.Length)
        {
            return 0;
        }

        record.AsSpan(0, header).Clear();
        record[0] = (byte)header;
        block[known..Math.Max(known, start + header)].CopyTo(record.AsSpan(known - start));
        var length = layout.OwnLength(record.AsSpan(0, header), block.Length - start);
        if (length <= header || layout.Count != shape.Fields.Count || shape.Fit(layout) == 0)
        {
            return 0;
        }

        block[(start + header)..(start + length)].CopyTo(record.AsSpan(header));
        return start + length;
    }
}
