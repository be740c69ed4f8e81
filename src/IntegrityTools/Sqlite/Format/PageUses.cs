using System.Buffers.Binary;
using System.Collections;

namespace IntegrityTools.Sqlite.Format;

/// <summary>
/// Goes through all that names pages: trees, chains of overflow pages, the list of free pages, pointer maps. A page that was named before is
/// named again and not followed, so that nothing loops; memory is one bit a page.
/// </summary>
internal sealed class PageUses(PageFile file, DatabaseHeader header, IReadOnlyList<uint> roots, CancellationToken cancellationToken)
{
    // The page that holds byte 2^30 is never used: SQLite's locks are on its bytes.
    private const long LockByte = 1L << 30;

    private readonly BitArray seen = new(checked((int)Math.Min(int.MaxValue - 64, file.PageCount + 1L)));
    private readonly byte[] chain = new byte[file.PageSize];

    /// <summary>The pointer map that is in charge of a page; 0 where there is none.</summary>
    public uint MapOf(uint page)
    {
        var span = (uint)(header.Usable / 5) + 1;
        if (header.LargestRoot == 0 || page < 2)
        {
            return 0;
        }

        var map = ((page - 2) / span * span) + 2;
        return map == LockPage ? map + 1 : map;
    }

    /// <summary>The page that holds the byte of the locks.</summary>
    public uint LockPage => (uint)(LockByte / header.PageSize) + 1;

    /// <summary>Every use, told as it is met; a page's first one is the one that is followed.</summary>
    public IEnumerable<(PageUse Use, bool First)> Walk()
    {
        foreach (var use in Fixed().Concat(FreePages()).Concat(roots.SelectMany(Tree)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return use;
        }
    }

    private IEnumerable<(PageUse Use, bool First)> Fixed()
    {
        if (LockPage <= file.PageCount)
        {
            yield return Name(new PageUse(LockPage, PageUseKind.Lock, 0, -1, 0));
        }

        var span = (uint)(header.Usable / 5) + 1;
        for (var page = 2L; header.LargestRoot > 0 && page <= file.PageCount; page += span)
        {
            yield return Name(new PageUse(MapOf((uint)page), PageUseKind.Map, 0, -1, 0));
        }
    }

    private IEnumerable<(PageUse Use, bool First)> FreePages()
    {
        var page = new byte[file.PageSize];
        var most = (header.Usable / 4) - 2;
        var found = 0L;
        for (uint trunk = header.FirstFreePage, from = 1; trunk != 0;)
        {
            var named = Name(new PageUse(trunk, PageUseKind.Trunk, from, -1, 0));
            yield return named;
            if (!named.First || named.Use.Fault is not null || !file.Read(trunk, page))
            {
                yield break;
            }

            found++;
            var leaves = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(4));
            if (leaves > most)
            {
                yield return (named.Use with { Fault = $"claims to hold {leaves} numbers of free pages, and has room for {most}" }, true);
                yield break;
            }

            for (var index = 0; index < leaves; index++)
            {
                found++;
                yield return Name(new PageUse(BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(8 + (index * 4))), PageUseKind.Free, trunk, -1, 0));
            }

            (from, trunk) = (trunk, BinaryPrimitives.ReadUInt32BigEndian(page));
        }

        if (found != header.FreePages)
        {
            yield return (new PageUse(1, PageUseKind.Trunk, 0, -1, 0, $"counts {header.FreePages} free pages, and the list holds {found}"), true);
        }
    }

    private IEnumerable<(PageUse Use, bool First)> Tree(uint root)
    {
        var buffer = new byte[file.PageSize];
        var open = new Stack<PageUse>();
        open.Push(new PageUse(root, PageUseKind.Root, 0, -1, root));
        while (open.TryPop(out var next))
        {
            var named = Name(next);
            yield return named;
            if (!named.First || named.Use.Fault is not null || !file.Read(next.Page, buffer))
            {
                continue;
            }

            foreach (var use in Inside(next, buffer, open))
            {
                yield return use;
            }
        }
    }

    // What a page of a tree names. Damage within the page is for SQLite's own check to tell.
    private List<(PageUse Use, bool First)> Inside(in PageUse page, byte[] bytes, Stack<PageUse> open)
    {
        var uses = new List<(PageUse, bool)>();
        var view = BtreePage.Of(bytes, page.Page, header.Usable);
        if (view.Kind == PageKind.None || view.PointerEnd > view.Usable)
        {
            return uses;
        }

        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                continue;
            }

            if (view.IsInterior)
            {
                open.Push(new PageUse(cell.Child, PageUseKind.Tree, page.Page, index, page.Root));
            }

            if (cell.Overflow != 0)
            {
                Chain(page, index, cell, uses);
            }
        }

        if (view.IsInterior)
        {
            open.Push(new PageUse(view.RightChild, PageUseKind.Tree, page.Page, view.CellCount, page.Root));
        }

        return uses;
    }

    private void Chain(in PageUse leaf, int index, in Cell cell, List<(PageUse Use, bool First)> uses)
    {
        var left = (cell.PayloadLength - cell.LocalLength + header.Usable - 5) / (header.Usable - 4);
        var (from, kind) = (leaf.Page, PageUseKind.FirstOverflow);
        for (var next = cell.Overflow; left > 0; left--)
        {
            var named = Name(new PageUse(next, kind, from, index, leaf.Root));
            uses.Add(named);
            if (!named.First || named.Use.Fault is not null || !file.Read(next, chain))
            {
                return;
            }

            (from, kind) = (next, PageUseKind.Overflow);
            next = BinaryPrimitives.ReadUInt32BigEndian(chain);
            if (left > 1 && next == 0)
            {
                uses.Add((named.Use with { Fault = $"ends a row's chain of overflow pages {left - 1} pages too early" }, true));
                return;
            }

            if (left == 1 && next != 0)
            {
                uses.Add((named.Use with { Fault = $"is the last overflow page of its row and leads on to page {next}" }, true));
            }
        }
    }

    private (PageUse Use, bool First) Name(PageUse use)
    {
        if (use.Page == 0 || use.Page > file.PageCount)
        {
            return (use with { Fault = $"does not exist (there are {file.PageCount})" }, true);
        }

        var first = !seen[(int)use.Page];
        seen[(int)use.Page] = true;
        return (use, first);
    }
}
