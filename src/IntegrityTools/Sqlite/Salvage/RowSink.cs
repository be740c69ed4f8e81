using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Takes cells, checks each row against itself and its table, and puts it where it belongs.</summary>
internal sealed class RowSink(
    PageFile file, PageAtlas atlas, PayloadReader payloads, TextEncoding encoding, NewDatabase database, IReadOnlyDictionary<string, SalvagedTable> reports)
{
    private readonly CellCarver carver = new(file.Usable);
    private readonly KeyOrder order = new();
    private readonly FreeBlocks blocks = new(file.Usable);
    private readonly RecordLayout layout = new();
    private readonly byte[] page = new byte[file.PageSize];

    /// <summary>Takes the rows of a page that is in its table's tree.</summary>
    public void TakePage(TableTree tree, uint number, bool certain, bool deletedToo)
    {
        var shape = tree.Shape;
        if (!file.Read(number, page))
        {
            return;
        }

        var view = BtreePage.As(KindOf(shape, number), page, number, file.Usable);
        var lost = 0;
        var inOrder = order.Judge(view, shape, layout);
        for (var index = 0; index < inOrder.Length; index++)
        {
            lost += inOrder[index] ? 0 : 1;
            if (!view.TryCell(index, out var cell))
            {
                continue;
            }

            Take(
                shape,
                number,
                index,
                cell,
                !inOrder[index] && layout.TryRead(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength)
                    ? "its key does not stand in the order of its page: it, or the pointer to it, is damaged"
                : certain ? null : tree.DoubtOf(number));
        }

        if (lost > 0)
        {
            TakeBetween(shape, number, view, inOrder, certain);
        }

        if (deletedToo)
        {
            foreach (var cell in carver.InUnusedSpace(view, shape))
            {
                Keep(SideTable.DeletedRows, shape, number, -1, cell, "in the unused space of a page");
            }

            blocks.Read(view, shape, (_, found, record) => database.Keep(
                SideTable.DeletedRows, new RowPlace(number, -1, shape.Name, null, "in a free block of a page: its rowid is gone"), found, record));
        }
    }

    /// <summary>Takes the rows of a page whose header is damaged, at its place in the tree: those that its pointers lead to, and apart those that lost theirs.</summary>
    /// <returns>Whether pointers led to any.</returns>
    public bool TakeWithoutHeader(LostSlot slot)
    {
        if (!file.Read(slot.Page, page))
        {
            return false;
        }

        var shape = slot.Tree.Shape;
        var view = BtreePage.As(shape.InIndexTree ? PageKind.IndexLeaf : PageKind.TableLeaf, page, slot.Page, file.Usable);
        bool IsBetween(Cell cell) => shape.InIndexTree || (cell.RowId <= slot.High && (cell.RowId > slot.Low || slot.Low == long.MinValue));
        var cells = carver.WithoutHeader(view, shape, out var whole).TakeWhile(IsBetween).ToList();
        foreach (var (index, cell) in cells.Index())
        {
            Take(shape, slot.Page, index, cell, !whole ? "whether it was deleted is not known: its page's header is damaged"
                : file.IsDoubtful(slot.Page) ? "the file was shifted there, and nothing proves that its page is in its place" : null);
        }

        foreach (var cell in whole || slot.Height > 0 && !shape.InIndexTree ? [] : carver.WithoutPointers(view, shape, cells).Where(IsBetween))
        {
            Take(shape, slot.Page, -1, cell, "whether it was deleted is not known: its page's header and its pointer are damaged");
        }

        return cells.Count > 0;
    }

    /// <summary>Keeps all rows of a page apart.</summary>
    /// <param name="side">Where.</param>
    /// <param name="number">The page.</param>
    /// <param name="shape">Whose they probably are; null: nobody knows.</param>
    /// <param name="reason">Why.</param>
    /// <param name="which">Which of its cells; null: all.</param>
    public void KeepPage(SideTable side, uint number, TableShape? shape, string reason, Func<int, bool>? which = null)
    {
        if (!file.Read(number, page))
        {
            return;
        }

        var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
        for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
        {
            if (which?.Invoke(index) != false && view.TryCell(index, out var cell))
            {
                Keep(side, shape, number, index, cell, reason);
            }
        }
    }

    private PageKind KindOf(TableShape shape, uint number) =>
        !shape.InIndexTree ? PageKind.TableLeaf : atlas.KindOf(number) == PageKind.IndexInterior ? PageKind.IndexInterior : PageKind.IndexLeaf;

    private void Take(TableShape shape, uint number, int index, in Cell cell, string? doubt)
    {
        var record = payloads.Read(page, cell, out var fault);
        var read = layout.TryRead(record, cell.PayloadLength);
        if (!read && fault is null && carver.TryMend(BtreePage.As(KindOf(shape, number), page, number, file.Usable), cell, out var mended))
        {
            record = page.AsSpan(mended.PayloadOffset, mended.LocalLength);
            read = layout.TryRead(record, mended.PayloadLength);
        }

        var report = reports[shape.Name];
        var rowId = shape.InIndexTree ? null : (long?)cell.RowId;
        fault ??= file.HasAll(number, cell.Offset, cell.PayloadOffset + cell.LocalLength - cell.Offset) ? null : "bytes of it are not in the file";
        if (fault is null && read && HasHalfCharacter())
        {
            (fault, read) = ("a text has half a character", false);
        }

        if (fault is not null || !read || shape.Fit(layout) == 0)
        {
            fault ??= read ? "its values do not suit its table's columns" : "its header and its length contradict each other";

            // A record that is cut still has its first values; one without a header is kept as it is.
            var complete = read && record.Length >= layout.OffsetOf(layout.Count - 1) + layout.LengthOf(layout.Count - 1);
            database.Keep(SideTable.DamagedRows, new RowPlace(number, index, shape.Name, rowId, fault), complete ? layout : null, record);
            report.DamagedRows++;
        }
        else if (doubt is not null || shape.IsUnknown)
        {
            database.Keep(
                shape.IsUnknown ? SideTable.LostAndFound : SideTable.UncertainRows,
                new RowPlace(number, index, shape.Name, rowId, doubt ?? "the table's definition cannot be read"), layout, record);
            if (!shape.IsUnknown)
            {
                report.UncertainRows++;
            }
        }
        else if (database.Insert(shape, cell.RowId, layout, record) is { } refused)
        {
            database.Keep(SideTable.UncertainRows, new RowPlace(number, index, shape.Name, rowId, refused), layout, record);
            report.UncertainRows++;
        }
        else
        {
            report.Rows++;
        }
    }

    private bool HasHalfCharacter()
    {
        for (var field = 0; encoding != TextEncoding.Utf8 && field < layout.Count; field++)
        {
            if (layout.IsText(field) && (layout.LengthOf(field) & 1) == 1)
            {
                return true;
            }
        }

        return false;
    }

    // Cells that lost their pointers lie between the others, and their keys between their neighbours'.
    private void TakeBetween(TableShape shape, uint number, in BtreePage view, ReadOnlySpan<bool> believed, bool certain)
    {
        var found = carver.BetweenCells(view, shape, believed);
        var (lost, untold) = (0, 0);
        for (var index = 0; index < believed.Length; index++)
        {
            if (believed[index])
            {
                continue;
            }

            // What its pointer leads to was kept apart already.
            var there = view.TryCell(index, out var cell);
            untold += there ? 0 : 1;
            lost += there && found.RemoveAll(one => one.Offset == cell.Offset) > 0 ? 0 : 1;
        }

        foreach (var cell in found)
        {
            var sure = found.Count <= lost && !shape.IsCounted && (shape.InIndexTree || IsGap(view, believed, cell.RowId));
            Take(shape, number, -1, cell, sure && certain ? null : "whether it was deleted is not known: its pointer is damaged");
        }

        reports[shape.Name].DamagedRows += Math.Max(0, untold - found.Count);
    }

    private static bool IsGap(in BtreePage view, ReadOnlySpan<bool> believed, long rowId)
    {
        for (var index = 0; index < believed.Length; index++)
        {
            if (believed[index] && view.TryCell(index, out var cell) && cell.RowId == rowId)
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(SideTable side, TableShape? shape, uint number, int index, in Cell cell, string reason)
    {
        var record = payloads.Read(page, cell, out var fault);
        if (fault is not null || !layout.TryRead(record, cell.PayloadLength))
        {
            if (side == SideTable.DeletedRows)
            {
                return;
            }

            database.Keep(SideTable.DamagedRows, new RowPlace(number, index, shape?.Name, cell.RowId, fault ?? "its header and its length contradict each other"), null, record);
            return;
        }

        long? rowId = atlas.KindOf(number) is PageKind.TableLeaf ? cell.RowId : null;
        database.Keep(side, new RowPlace(number, index, shape?.Name, rowId, reason), layout, record);
    }
}
