using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Tells the entries of indexes of which no definition is left from rows of tables without rowids: an entry ends with the rowid of a row that has its other values. A page
/// is taken for an index's when nearly all of its cells are like that.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="atlas">What is known of its pages.</param>
/// <param name="cancellationToken">Cancels.</param>
internal sealed class LostEntries(PageFile file, PageAtlas atlas, CancellationToken cancellationToken)
{
    private const int MostEntries = 100_000;
    private const int LeastTelling = 2;
    private const int Nearly = 9;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly RecordLayout layout = new();
    private readonly RecordLayout row = new();

    private sealed class Entry(int cell, byte[] record)
    {
        public int Cell { get; } = cell;

        public byte[] Record { get; } = record;

        public bool IsCopy { get; set; }

        public bool IsTelling { get; set; }
    }

    /// <summary>Of each page the cells that only repeat values of a row which is there; null where too few of them do.</summary>
    /// <param name="pages">Pages of indexes, or of tables without rowids, of which nobody knows.</param>
    public IEnumerable<(uint Page, IReadOnlySet<int>? Copies)> Find(IEnumerable<uint> pages)
    {
        var (taken, byRowId, count) = (new List<(uint Page, List<Entry> Entries)>(), new Dictionary<long, List<Entry>>(), 0);
        foreach (var number in pages)
        {
            var entries = Read(number, byRowId);
            taken.Add((number, entries));
            if ((count += entries.Count) >= MostEntries)
            {
                foreach (var judged in Judge(taken, byRowId))
                {
                    yield return judged;
                }

                taken.Clear();
                byRowId.Clear();
                count = 0;
            }
        }

        foreach (var judged in Judge(taken, byRowId))
        {
            yield return judged;
        }
    }

    private List<Entry> Read(uint number, Dictionary<long, List<Entry>> byRowId)
    {
        var entries = new List<Entry>();
        if (!file.Read(number, page))
        {
            return entries;
        }

        var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
        for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
        {
            if (!view.TryCell(index, out var cell) || cell.Overflow != 0)
            {
                continue;
            }

            var record = page.AsSpan(cell.PayloadOffset, cell.LocalLength);
            if (!layout.TryRead(record, cell.PayloadLength))
            {
                continue;
            }

            var entry = new Entry(index, record.ToArray());
            entries.Add(entry);
            if (layout.Count > 1 && layout.IsInteger(layout.Count - 1))
            {
                var rowId = layout.Integer(layout.Count - 1, record);
                if (!byRowId.TryGetValue(rowId, out var list))
                {
                    byRowId.Add(rowId, list = []);
                }

                list.Add(entry);
            }
        }

        return entries;
    }

    private IEnumerable<(uint Page, IReadOnlySet<int>? Copies)> Judge(List<(uint Page, List<Entry> Entries)> taken, Dictionary<long, List<Entry>> byRowId)
    {
        for (var number = 1u; byRowId.Count > 0 && number <= atlas.Count; number++)
        {
            if (atlas.KindOf(number) == PageKind.TableLeaf && !atlas.Is(number, PageMark.Free | PageMark.Overflow | PageMark.Map | PageMark.Trunk) && file.Read(number, page))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Compare(number, byRowId);
            }
        }

        foreach (var (number, entries) in taken)
        {
            var (copies, telling) = (entries.Count(entry => entry.IsCopy), entries.Count(entry => entry.IsTelling));
            var isIndex = telling >= Math.Min(LeastTelling, entries.Count) && copies > 0 && copies >= (entries.Count - copies) * Nearly;
            yield return (number, isIndex ? entries.Where(entry => entry.IsCopy).Select(entry => entry.Cell).ToHashSet() : null);
        }
    }

    private void Compare(uint number, Dictionary<long, List<Entry>> byRowId)
    {
        var view = BtreePage.As(PageKind.TableLeaf, page, number, file.Usable);
        for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
        {
            if (!view.TryCell(index, out var cell) || !byRowId.TryGetValue(cell.RowId, out var entries))
            {
                continue;
            }

            var record = page.AsSpan(cell.PayloadOffset, cell.LocalLength);
            if (!row.TryRead(record, cell.PayloadLength))
            {
                continue;
            }

            foreach (var entry in entries)
            {
                if (!entry.IsCopy && layout.TryRead(entry.Record, entry.Record.Length) && Holds(record, cell.RowId, entry, out var telling))
                {
                    (entry.IsCopy, entry.IsTelling) = (true, telling);
                }
            }
        }
    }

    // Small numbers are in many rows: only what is longer tells that the row is the one.
    private bool Holds(ReadOnlySpan<byte> record, long rowId, Entry entry, out bool telling)
    {
        telling = false;
        for (var field = 0; field < layout.Count - 1; field++)
        {
            if (layout.IsInteger(field) && layout.Integer(field, entry.Record) == rowId)
            {
                continue;
            }

            var value = layout.Bytes(field, entry.Record);
            var (type, found) = (layout.TypeOf(field), false);
            for (var column = 0; column < row.Count && !found; column++)
            {
                // What lies in an overflow page is not fetched: it may be the value.
                var near = row.OffsetOf(column) + row.LengthOf(column) <= record.Length;
                found = row.TypeOf(column) == type && (!near || row.Bytes(column, record).SequenceEqual(value));
                telling |= found && near && value.Length > 1;
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }
}
