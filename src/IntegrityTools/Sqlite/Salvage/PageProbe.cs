using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Looks into a page: whose rows are these, and which keys do they have?</summary>
internal sealed class PageProbe(PageFile file)
{
    private const int Samples = 6;

    private readonly byte[] buffer = new byte[file.PageSize];
    private readonly RecordLayout layout = new();

    /// <summary>How well the records of a leaf suit a table: 0 not at all.</summary>
    public int Fit(ReadOnlySpan<byte> page, uint number, PageKind kind, TableShape shape)
    {
        var view = BtreePage.As(kind, page, number, file.Usable);
        if (view.PointerEnd > file.Usable)
        {
            return 0;
        }

        if (view.CellCount == 0)
        {
            return 1;
        }

        var (least, fitting, judged) = (int.MaxValue, 0, 0);
        var step = Math.Max(1, view.CellCount / Samples);
        for (var index = 0; index < view.CellCount; index++)
        {
            if ((index % step != 0 && judged > 0) || !view.TryCell(index, out var cell))
            {
                continue;
            }

            judged++;
            if (!layout.TryRead(page.Slice(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength))
            {
                continue;
            }

            if (shape.Fit(layout) is > 0 and var score)
            {
                fitting++;
                least = Math.Min(least, score);
            }
        }

        return fitting * 2 > judged ? least : 0;
    }

    /// <summary>How well the leaves under a page suit a table, judged by the first that can be read.</summary>
    public int FitBelow(uint top, PageAtlas atlas, TableShape shape)
    {
        var page = Descend(top, atlas, last: false, out _);
        return page != 0 && file.Read(page, buffer) ? Fit(buffer, page, atlas.KindOf(page), shape) : 0;
    }

    /// <summary>Whether a record of a leaf has all columns of a table, each with what it is declared for.</summary>
    public bool HasLike(uint number, PageAtlas atlas, TableShape shape)
    {
        if (!file.Read(number, buffer))
        {
            return false;
        }

        var view = BtreePage.As(atlas.KindOf(number), buffer, number, file.Usable);
        for (var index = Math.Min(view.CellCount, (view.Usable - view.PointerStart) / 2) - 1; index >= 0; index--)
        {
            if (view.TryCell(index, out var cell) && layout.TryRead(buffer.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength)
                && shape.Fit(layout) >= TableShape.Like)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Levels of a tree below a page: 0 for a leaf, -1 where it is no page of a tree or no leaf is found below it.</summary>
    public int HeightOf(uint top, PageAtlas atlas) => atlas.Has(top) && Descend(top, atlas, last: false, out var height) != 0 ? height : -1;

    /// <summary>The least and the greatest rowid under a page of a table; false when none can be read.</summary>
    public bool TryRange(uint top, PageAtlas atlas, out long first, out long last) => TryRange(top, atlas, null, out first, out last);

    /// <summary>The least and the greatest key under a page of a table whose rows lie in the order of an integer; false when none can be read.</summary>
    /// <param name="top">The page.</param>
    /// <param name="atlas">What is known of the pages.</param>
    /// <param name="shape">The table; null: one with rowids.</param>
    /// <param name="first">The least.</param>
    /// <param name="last">The greatest.</param>
    public bool TryRange(uint top, PageAtlas atlas, TableShape? shape, out long first, out long last)
    {
        (first, last) = (0, 0);
        return TryEdge(Descend(top, atlas, last: false, out _), last: false, shape, out first) && TryEdge(Descend(top, atlas, last: true, out _), last: true, shape, out last);
    }

    /// <summary>The least and the greatest key in a page's own cells.</summary>
    public static bool TryKeys(in BtreePage view, out long first, out long last)
    {
        (first, last) = (0, 0);
        var found = false;
        for (var index = 0; index < view.CellCount && !found; index++)
        {
            found = view.TryCell(index, out var cell);
            first = cell.RowId;
        }

        for (var index = view.CellCount - 1; index >= 0 && found; index--)
        {
            if (view.TryCell(index, out var cell))
            {
                last = cell.RowId;
                break;
            }
        }

        return found;
    }

    private bool TryEdge(uint page, bool last, TableShape? shape, out long key)
    {
        key = 0;
        if (page == 0 || !file.Read(page, buffer))
        {
            return false;
        }

        var view = BtreePage.Of(buffer, page, file.Usable);
        if (view.CellCount == 0 || !view.TryCell(last ? view.CellCount - 1 : 0, out var cell))
        {
            return false;
        }

        key = cell.RowId;
        var record = buffer.AsSpan(cell.PayloadOffset, cell.LocalLength);
        return shape is null || (layout.TryRead(record, cell.PayloadLength) && KeyOrder.TryKey(shape, cell, record, layout, out key));
    }

    private uint Descend(uint page, PageAtlas atlas, bool last, out int height)
    {
        for (height = 0; height < TreeWalk.DeepestTree; height++)
        {
            if (atlas.KindOf(page) is PageKind.TableLeaf or PageKind.IndexLeaf)
            {
                return page;
            }

            if (!atlas.Has(page) || atlas.KindOf(page) == PageKind.None || !file.Read(page, buffer))
            {
                return 0;
            }

            var view = BtreePage.Of(buffer, page, file.Usable);
            var next = view.RightChild;
            for (var index = 0; !last && index < view.CellCount; index++)
            {
                if (view.TryCell(index, out var cell) && atlas.Has(cell.Child) && atlas.KindOf(cell.Child) != PageKind.None)
                {
                    next = cell.Child;
                    break;
                }
            }

            if (!atlas.Has(next))
            {
                return 0;
            }

            page = next;
        }

        return 0;
    }
}
