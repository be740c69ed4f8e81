using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Takes cells, checks each row against itself and its table, and puts it where it belongs.</summary>
internal sealed class RowSink(PageFile file, PageAtlas atlas, TextEncoding encoding, NewDatabase database, IReadOnlyDictionary<string, SalvagedTable> reports)
{
    private readonly PayloadReader payloads = new(file, atlas);
    private readonly CellCarver carver = new(file.Usable);
    private readonly RecordLayout layout = new();
    private readonly byte[] page = new byte[file.PageSize];

    /// <summary>Takes the rows of a page that is in its table's tree.</summary>
    public void TakePage(TableShape shape, uint number, bool certain, bool deletedToo)
    {
        if (!file.Read(number, page))
        {
            return;
        }

        var view = BtreePage.As(KindOf(shape, number), page, number, file.Usable);
        var lost = 0;
        long? previous = null;
        for (var index = 0; index < view.CellCount; index++)
        {
            if (view.TryCell(index, out var cell) && (shape.InIndexTree || previous is null || cell.RowId > previous))
            {
                previous = cell.RowId;
                Take(shape, number, index, cell, certain ? null : "whether it was deleted is not known: the freelist is damaged");
            }
            else
            {
                lost++;
            }
        }

        if (lost > 0)
        {
            TakeBetween(shape, number, view, lost, certain);
        }

        if (deletedToo)
        {
            foreach (var cell in carver.InUnusedSpace(view, shape))
            {
                Keep(SideTable.DeletedRows, shape, number, -1, cell, "in the unused space of a page");
            }
        }
    }

    /// <summary>Takes the rows of a page whose header is damaged, at its place in the tree.</summary>
    /// <returns>Whether any were found.</returns>
    public bool TakeWithoutHeader(LostSlot slot)
    {
        if (!file.Read(slot.Page, page))
        {
            return false;
        }

        var shape = slot.Tree.Shape;
        var view = BtreePage.As(shape.InIndexTree ? PageKind.IndexLeaf : PageKind.TableLeaf, page, slot.Page, file.Usable);
        var cells = carver.WithoutHeader(view, shape, out var whole)
            .TakeWhile(cell => shape.InIndexTree || (cell.RowId <= slot.High && (cell.RowId > slot.Low || slot.Low == long.MinValue))).ToList();
        foreach (var (index, cell) in cells.Index())
        {
            Take(shape, slot.Page, index, cell, whole ? null : "whether it was deleted is not known: its page's header is damaged");
        }

        return cells.Count > 0;
    }

    /// <summary>Keeps all rows of a page apart.</summary>
    /// <param name="side">Where.</param>
    /// <param name="number">The page.</param>
    /// <param name="shape">Whose they probably are; null: nobody knows.</param>
    /// <param name="reason">Why.</param>
    public void KeepPage(SideTable side, uint number, TableShape? shape, string reason)
    {
        if (!file.Read(number, page))
        {
            return;
        }

        var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
        for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
        {
            if (view.TryCell(index, out var cell))
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
        fault ??= cell.PayloadOffset + cell.LocalLength > file.BytesOf(number) ? "the file is cut off within it" : null;
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
    private void TakeBetween(TableShape shape, uint number, in BtreePage view, int lost, bool certain)
    {
        var found = carver.BetweenCells(view, shape);
        var report = reports[shape.Name];
        foreach (var cell in found)
        {
            var sure = found.Count <= lost && (shape.InIndexTree || IsGap(view, cell.RowId));
            Take(shape, number, -1, cell, sure && certain ? null : "whether it was deleted is not known: its pointer is damaged");
        }

        report.DamagedRows += Math.Max(0, lost - found.Count);
    }

    private static bool IsGap(in BtreePage view, long rowId)
    {
        for (var index = 0; index < view.CellCount; index++)
        {
            if (view.TryCell(index, out var cell) && cell.RowId == rowId)
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
            if (side != SideTable.LostAndFound)
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
