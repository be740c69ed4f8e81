using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Health;

/// <summary>
/// How scattered tables and indexes are: of their leaf pages, read in order, the share that does not stand right behind its predecessor. Only inner pages
/// are read, some half a percent of the file, and of the leaves one for each of them.
/// </summary>
internal sealed class Fragmentation
{
    // Deeper trees than SQLite makes of any file; a loop of damaged pages ends here.
    private const int Deepest = 20;
    private readonly PageFile pages;
    private readonly CancellationToken cancellation;
    private long leaves;
    private long scattered;
    private long left;
    private uint previous;

    private Fragmentation(PageFile pages, CancellationToken cancellation)
    {
        this.pages = pages;
        this.cancellation = cancellation;
        left = pages.PageCount;
    }

    /// <summary>The share, from 0 to 1; null when the file has no tree of more than one leaf, or its pages contradict each other.</summary>
    public static double? Of(PageFile pages, CancellationToken cancellationToken)
    {
        var walk = new Fragmentation(pages, cancellationToken);
        return walk.Roots() is { } roots && roots.TrueForAll(walk.Tree) && walk.leaves > 0 ? (double)walk.scattered / walk.leaves : null;
    }

    private bool Tree(uint root)
    {
        previous = 0;
        return Inner(root, 0);
    }

    /// <summary>Walks down an inner page; a tree of one leaf has nothing to scatter.</summary>
    private bool Inner(uint number, int depth)
    {
        cancellation.ThrowIfCancellationRequested();
        var buffer = new byte[pages.PageSize];
        if (depth > Deepest || --left < 0 || !pages.Read(number, buffer))
        {
            return false;
        }

        var page = BtreePage.Of(buffer, number, pages.Usable);
        if (!page.IsInterior)
        {
            return page.Kind is PageKind.TableLeaf or PageKind.IndexLeaf;
        }

        if (page.PointerEnd > page.Usable)
        {
            return false;
        }

        var children = new uint[page.CellCount + 1];
        for (var index = 0; index < page.CellCount; index++)
        {
            if (!page.TryPointer(index, out var offset))
            {
                return false;
            }

            children[index] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(offset));
        }

        children[^1] = page.RightChild;

        // All branches of a tree are equally long: what the first child is, the others are.
        if (!pages.Read(children[0], buffer))
        {
            return false;
        }

        if (BtreePage.Of(buffer, children[0], pages.Usable).IsInterior)
        {
            return Array.TrueForAll(children, child => Inner(child, depth + 1));
        }

        foreach (var child in children)
        {
            leaves += previous == 0 ? 0 : 1;
            scattered += previous == 0 || child == previous + 1 ? 0 : 1;
            previous = child;
        }

        return true;
    }

    /// <summary>The first pages of all trees, from sqlite_schema's rows: their fourth column, which stands before the long one.</summary>
    private List<uint>? Roots()
    {
        var roots = new List<uint>();
        return Schema(1, 0, roots) ? roots : null;
    }

    private bool Schema(uint number, int depth, List<uint> roots)
    {
        cancellation.ThrowIfCancellationRequested();
        var buffer = new byte[pages.PageSize];
        if (depth > Deepest || --left < 0 || !pages.Read(number, buffer))
        {
            return false;
        }

        var page = BtreePage.Of(buffer, number, pages.Usable);
        if (!page.IsTable || page.PointerEnd > page.Usable)
        {
            return false;
        }

        for (var index = 0; index < page.CellCount; index++)
        {
            if (!page.TryCell(index, out var cell))
            {
                return false;
            }

            if (page.IsInterior)
            {
                if (!Schema(cell.Child, depth + 1, roots))
                {
                    return false;
                }
            }
            else if (RootOf(page.Data.Slice(cell.PayloadOffset, cell.LocalLength)) is > 0 and var root)
            {
                roots.Add(root);
            }
        }

        return !page.IsInterior || Schema(page.RightChild, depth + 1, roots);
    }

    private static uint RootOf(ReadOnlySpan<byte> record)
    {
        var at = Varint.Read(record, out var headerLength);
        var offset = (int)Math.Min(headerLength, record.Length);
        for (var column = 0; at > 0 && column < 4 && at < record.Length; column++)
        {
            at += Varint.Read(record[at..], out var type);
            var length = type switch { >= 12 => (int)Math.Min((type - 12) / 2, int.MaxValue / 2), 5 => 6, 6 or 7 => 8, >= 1 and <= 4 => (int)type, _ => 0 };
            if (column == 3)
            {
                return type == 9 ? 1 : type is >= 1 and <= 6 && offset + length <= record.Length ? Number(record.Slice(offset, length)) : 0;
            }

            offset += length;
        }

        return 0;
    }

    private static uint Number(ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        foreach (var one in bytes)
        {
            value = (value << 8) | one;
        }

        return value <= uint.MaxValue ? (uint)value : 0;
    }
}
