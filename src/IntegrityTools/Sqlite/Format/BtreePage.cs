using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Format;

/// <summary>A view of one page as a page of a b-tree. Nothing in it is trusted: what lies outside the page is answered with false.</summary>
internal readonly ref struct BtreePage
{
    private readonly int start;

    private BtreePage(ReadOnlySpan<byte> data, uint number, PageKind kind, int usable)
    {
        Number = number;
        start = Start(number);
        Data = data;
        Kind = kind;
        Usable = usable;
        CellCount = BinaryPrimitives.ReadUInt16BigEndian(data[(start + 3)..]);
        int content = BinaryPrimitives.ReadUInt16BigEndian(data[(start + 5)..]);
        ContentStart = content == 0 ? 65536 : content;
        FirstFreeBlock = BinaryPrimitives.ReadUInt16BigEndian(data[(start + 1)..]);
    }

    /// <summary>The page's number; 1 begins with the file's header.</summary>
    public uint Number { get; }

    /// <summary>The page's bytes.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>What it is, or is taken for.</summary>
    public PageKind Kind { get; }

    /// <summary>Bytes of it that the format uses.</summary>
    public int Usable { get; }

    /// <summary>Cells that it says it has.</summary>
    public int CellCount { get; }

    /// <summary>Where it says that the cells' area begins.</summary>
    public int ContentStart { get; }

    /// <summary>Bytes of the cells' area that are too small pieces to be free blocks, as it says.</summary>
    public int Fragments => Data[start + 7];

    /// <summary>The first free block within the cells' area, or 0.</summary>
    public int FirstFreeBlock { get; }

    /// <summary>Whether its cells lead to children.</summary>
    public bool IsInterior => Kind is PageKind.TableInterior or PageKind.IndexInterior;

    /// <summary>Whether it belongs to a table with rowids.</summary>
    public bool IsTable => Kind is PageKind.TableInterior or PageKind.TableLeaf;

    /// <summary>Where the array of cell pointers begins.</summary>
    public int PointerStart => start + (IsInterior ? 12 : 8);

    /// <summary>Where the array of cell pointers ends.</summary>
    public int PointerEnd => PointerStart + (2 * CellCount);

    /// <summary>The last child of an interior page.</summary>
    public uint RightChild => BinaryPrimitives.ReadUInt32BigEndian(Data[(start + 8)..]);

    /// <summary>Views a page by its own first byte.</summary>
    public static BtreePage Of(ReadOnlySpan<byte> data, uint number, int usable) => As((PageKind)data[Start(number)], data, number, usable);

    /// <summary>Views a page as a kind, whatever its first byte says.</summary>
    public static BtreePage As(PageKind kind, ReadOnlySpan<byte> data, uint number, int usable) => new(data, number, kind, usable);

    /// <summary>The place of a cell, when it can be one.</summary>
    public bool TryPointer(int index, out int offset)
    {
        offset = BinaryPrimitives.ReadUInt16BigEndian(Data[(PointerStart + (2 * index))..]);
        return offset >= PointerStart && offset <= Usable - 4;
    }

    /// <summary>Reads a cell.</summary>
    public bool TryCell(int index, out Cell cell)
    {
        cell = default;
        return TryPointer(index, out var offset) && Cell.TryRead(Data, offset, Kind, Usable, out cell);
    }

    /// <summary>How far the page is what its first byte says: room for its cells, and nearly all of them in place.</summary>
    public bool IsPlausible()
    {
        if (Kind is not (PageKind.TableLeaf or PageKind.TableInterior or PageKind.IndexLeaf or PageKind.IndexInterior)
            || PointerEnd > Usable
            || (IsInterior && RightChild == 0))
        {
            return false;
        }

        var good = 0;
        for (var index = 0; index < CellCount; index++)
        {
            good += TryCell(index, out _) ? 1 : 0;
        }

        return good * 4 >= CellCount * 3 || (good > 0 && CellCount - good == 1);
    }

    private static int Start(uint number) => number == 1 ? DatabaseHeader.Length : 0;
}
