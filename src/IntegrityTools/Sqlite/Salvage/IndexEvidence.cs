using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Tells by what stands elsewhere whose a leaf is that several tables suit: an index that has its rows under their rowids speaks for its
/// table, and rows of a table that have the same rowids speak against it.
/// </summary>
internal sealed class IndexEvidence(PageFile file, PageAtlas atlas, IReadOnlyList<TableTree> trees)
{
    private const int Samples = 6;
    private const int LeastMatches = 2;

    // Samples of so many leaves are held at one time.
    private const int MostLeaves = 1 << 14;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly RecordLayout layout = new();

    private sealed record Sample(Leaf Leaf, byte[] Record);

    private sealed class Leaf(uint page, IReadOnlyList<TableTree> fits)
    {
        public uint Page { get; } = page;

        public long First { get; set; } = long.MaxValue;

        public long Last { get; set; } = long.MinValue;

        public IReadOnlyList<TableTree> Fits { get; } = fits;

        public HashSet<TableTree> RuledOut { get; } = [];

        public Dictionary<string, int> Matches { get; } = new(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The table of each leaf for which the evidence is clear.</summary>
    /// <param name="open">The leaves, each with the tables that it suits.</param>
    /// <param name="byElimination">Whether a leaf that suits one table only is its: no other can have been lost.</param>
    public Dictionary<uint, TableTree> Judge(IReadOnlyDictionary<uint, IReadOnlyList<TableTree>> open, bool byElimination)
    {
        var found = new Dictionary<uint, TableTree>();
        foreach (var some in open.Select(pair => new Leaf(pair.Key, pair.Value)).Chunk(MostLeaves))
        {
            Judge([.. some], byElimination, found);
        }

        return found;
    }

    private void Judge(List<Leaf> leaves, bool byElimination, Dictionary<uint, TableTree> found)
    {
        var samples = new Dictionary<long, List<Sample>>();
        leaves.ForEach(leaf => Take(leaf, samples));
        foreach (var index in trees.Where(tree => tree.Shape is { IsIndex: true, IsUnknown: false, Table: not null }))
        {
            Compare(index, samples);
        }

        var sorted = leaves.OrderBy(leaf => leaf.First).ToList();
        var reach = sorted.Select(leaf => leaf.Last).ToArray();
        for (var index = 1; index < reach.Length; index++)
        {
            reach[index] = Math.Max(reach[index], reach[index - 1]);
        }

        foreach (var tree in leaves.SelectMany(leaf => leaf.Fits).Distinct().ToList())
        {
            RuleOut(tree, sorted, reach);
        }

        foreach (var leaf in leaves)
        {
            var named = leaf.Fits.Where(tree => leaf.Matches.GetValueOrDefault(tree.Shape.Name) >= LeastMatches).ToList();
            var left = named.Count > 0 || !byElimination ? named : leaf.Fits.Where(tree => !leaf.RuledOut.Contains(tree)).ToList();
            if (left.Count == 1)
            {
                found.Add(leaf.Page, left[0]);
            }
        }
    }

    private void Take(Leaf leaf, Dictionary<long, List<Sample>> samples)
    {
        if (!file.Read(leaf.Page, page))
        {
            return;
        }

        var view = BtreePage.As(PageKind.TableLeaf, page, leaf.Page, file.Usable);
        var step = Math.Max(1, view.CellCount / Samples);
        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                continue;
            }

            (leaf.First, leaf.Last) = (Math.Min(leaf.First, cell.RowId), Math.Max(leaf.Last, cell.RowId));
            if (index % step == 0 && cell.Overflow == 0)
            {
                if (!samples.TryGetValue(cell.RowId, out var list))
                {
                    samples.Add(cell.RowId, list = []);
                }

                list.Add(new Sample(leaf, page.AsSpan(cell.PayloadOffset, cell.LocalLength).ToArray()));
            }
        }
    }

    private void Compare(TableTree index, Dictionary<long, List<Sample>> samples)
    {
        var table = trees.FirstOrDefault(tree => !tree.Shape.InIndexTree && tree.Shape.Name.Equals(index.Shape.Table, StringComparison.OrdinalIgnoreCase))?.Shape;
        if (table is null || !index.Shape.Fields[^1].IsRowId && index.Shape.Fields[^1].Name != "rowid")
        {
            return;
        }

        var columns = index.Shape.Fields.SkipLast(1).Select(field => Position(table, field.Name)).ToArray();
        var own = new RecordLayout();
        foreach (var number in index.Pages.Where(number => file.Read(number, page)))
        {
            var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
            for (var cellIndex = 0; cellIndex < view.CellCount; cellIndex++)
            {
                if (!view.TryCell(cellIndex, out var cell) || cell.Overflow != 0)
                {
                    continue;
                }

                var entry = page.AsSpan(cell.PayloadOffset, cell.LocalLength);
                if (!layout.TryRead(entry, cell.PayloadLength) || layout.Count != columns.Length + 1 || !layout.IsInteger(columns.Length)
                    || !samples.TryGetValue(layout.Integer(columns.Length, entry), out var rows))
                {
                    continue;
                }

                foreach (var row in rows.Where(row => row.Leaf.Fits.Any(tree => tree.Shape == table)))
                {
                    if (own.TryRead(row.Record, row.Record.Length) && Same(entry, own, row.Record, columns))
                    {
                        row.Leaf.Matches[table.Name] = row.Leaf.Matches.GetValueOrDefault(table.Name) + 1;
                    }
                }
            }
        }
    }

    // Only what cannot be the same by chance counts: at least one value that is text, blob or a number of more than a byte.
    private bool Same(ReadOnlySpan<byte> entry, RecordLayout row, ReadOnlySpan<byte> record, int[] columns)
    {
        var telling = false;
        for (var field = 0; field < columns.Length; field++)
        {
            if (columns[field] < 0 || columns[field] >= row.Count)
            {
                continue;
            }

            if (layout.TypeOf(field) != row.TypeOf(columns[field]) || !layout.Bytes(field, entry).SequenceEqual(row.Bytes(columns[field], record)))
            {
                return false;
            }

            telling |= layout.LengthOf(field) > 1;
        }

        return telling;
    }

    // The leaves stand in the order of their first keys, each with the greatest of all last keys up to it.
    private void RuleOut(TableTree tree, List<Leaf> leaves, long[] reach)
    {
        foreach (var number in tree.Pages.Where(number => file.Read(number, page)))
        {
            if (PageProbe.TryKeys(BtreePage.As(PageKind.TableLeaf, page, number, file.Usable), out var first, out var last))
            {
                for (var index = Before(leaves, last) - 1; index >= 0 && reach[index] >= first; index--)
                {
                    if (leaves[index].Last >= first)
                    {
                        leaves[index].RuledOut.Add(tree);
                    }
                }
            }
        }
    }

    // How many leaves begin with a key or before it.
    private static int Before(List<Leaf> leaves, long key)
    {
        var (low, high) = (0, leaves.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = leaves[middle].First <= key ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int Position(TableShape table, string name)
    {
        for (var index = 0; index < table.Fields.Count; index++)
        {
            if (table.Fields[index].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return table.Fields[index].IsRowId ? -1 : index;
            }
        }

        return -1;
    }
}
