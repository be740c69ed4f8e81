using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Format;

/// <summary>One cell of a b-tree page.</summary>
/// <param name="Offset">Where it begins in its page.</param>
/// <param name="Size">Bytes that it takes there.</param>
/// <param name="Child">The left child, in an interior page.</param>
/// <param name="RowId">The key, in a table.</param>
/// <param name="PayloadLength">Bytes of the whole record.</param>
/// <param name="PayloadOffset">Where the part of it begins that lies in the page.</param>
/// <param name="LocalLength">Bytes of that part.</param>
/// <param name="Overflow">The page where it goes on, or 0.</param>
internal readonly record struct Cell(
    int Offset, int Size, uint Child, long RowId, long PayloadLength, int PayloadOffset, int LocalLength, uint Overflow)
{
    private const int Smallest = 4;

    /// <summary>Reads a cell; false when it does not fit into the page.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, int offset, PageKind kind, int usable, out Cell cell)
    {
        cell = default;
        if (offset > usable - Smallest)
        {
            return false;
        }

        var at = offset;
        uint child = 0;
        if (kind is PageKind.TableInterior or PageKind.IndexInterior)
        {
            child = BinaryPrimitives.ReadUInt32BigEndian(page[at..]);
            at += 4;
        }

        long length = 0;
        long rowId = 0;
        if (kind != PageKind.TableInterior)
        {
            var read = Varint.Read(page[at..usable], out length);
            if (read == 0)
            {
                return false;
            }

            at += read;
        }

        if (kind is PageKind.TableInterior or PageKind.TableLeaf)
        {
            var read = Varint.Read(page[Math.Min(at, usable)..usable], out rowId);
            if (read == 0)
            {
                return false;
            }

            at += read;
        }

        if (kind == PageKind.TableInterior)
        {
            cell = new Cell(offset, at - offset, child, rowId, 0, at, 0, 0);
            return child != 0;
        }

        if (length is < 1 or > int.MaxValue)
        {
            return false;
        }

        var local = Local(length, kind == PageKind.TableLeaf, usable);
        var end = at + local + (local < length ? 4 : 0);
        if (end > usable || (kind == PageKind.IndexInterior && child == 0))
        {
            return false;
        }

        var overflow = local < length ? BinaryPrimitives.ReadUInt32BigEndian(page[(at + local)..]) : 0;
        cell = new Cell(offset, Math.Max(Smallest, end - offset), child, rowId, length, at, local, overflow);
        return local == length || overflow != 0;
    }

    // The rule of the file format's section 1.6: what does not fit is cut so that the overflow pages are full.
    private static int Local(long length, bool table, int usable)
    {
        var most = table ? usable - 35 : ((usable - 12) * 64 / 255) - 23;
        if (length <= most)
        {
            return (int)length;
        }

        var least = ((usable - 12) * 32 / 255) - 23;
        var fitting = least + ((length - least) % (usable - 4));
        return (int)(fitting <= most ? fitting : least);
    }
}
