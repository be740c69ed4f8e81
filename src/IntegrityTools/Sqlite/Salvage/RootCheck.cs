using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Finds tables whose roots were exchanged in sqlite_schema: each tree is whole, and shows one table's rows under another's name. The indexes of such a table hold none of
/// its rows, and those of the other. They prove it only if those of the other table say the same: the pages of one table's indexes may be old ones, from before its rows were
/// changed, which match a copy of the rows that another table still has. Nor does one index of each prove it, since these two may be what was exchanged. Then the rows of
/// both are uncertain.
/// </summary>
internal sealed class RootCheck(PageFile file, PageAtlas atlas, IReadOnlyList<TableTree> trees, IReadOnlyList<LostSlot> lost, List<string> notes)
{
    private const int Leaves = 3;
    private const int SamplesALeaf = 8;
    private const int Least = 3;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly byte[] other = new byte[file.PageSize];
    private readonly RecordLayout entry = new();
    private readonly RecordLayout row = new();

    /// <summary>Puts right what can be told, and marks the rest.</summary>
    public void Run()
    {
        var tables = trees.Where(tree => tree.Shape is { IsTaken: true, IsUnknown: false, InIndexTree: false } && IsWhole(tree)).ToList();
        var indexes = trees.Where(tree => tree.Shape is { IsIndex: true, IsUnknown: false, Table: not null } && IsWhole(tree))
            .ToLookup(tree => tree.Shape.Table!, StringComparer.OrdinalIgnoreCase);
        foreach (var table in tables.Where(table => !table.IsDisputed && IsForeign(table, indexes)))
        {
            var meant = tables.FindAll(tree => tree != table && !tree.IsDisputed && Votes(indexes, table, tree).Contains(true) && !Votes(indexes, tree, tree).Contains(true));
            if (meant.Count > 0)
            {
                Settle(table, meant.Find(tree => IsProved(table, tree, indexes)) ?? meant[0], indexes);
            }
        }
    }

    private bool IsWhole(TableTree tree) => tree is { Pages.Count: > 0, UncertainPages.Count: 0, IsDisputed: false } && !lost.Any(slot => slot.Tree == tree);

    // What each index of a table says of a tree: whether the table's rows are there. One that cannot be compared says nothing.
    private List<bool> Votes(ILookup<string, TableTree> indexes, TableTree table, TableTree tree) =>
        [.. indexes[table.Shape.Name].Select(index => Agrees(index, table.Shape, tree)).OfType<bool>()];

    // All indexes of the table speak against its tree.
    private bool IsForeign(TableTree table, ILookup<string, TableTree> indexes) => Votes(indexes, table, table) is { Count: > 0 } votes && !votes.Contains(true);

    // Had the indexes' roots been exchanged, as many of each table would speak, and one pair of them only.
    private bool IsProved(TableTree one, TableTree two, ILookup<string, TableTree> indexes) =>
        (Votes(indexes, one, two), Votes(indexes, two, one)) is ({ Count: > 0 } ones, { Count: > 0 } twos) && (ones.Count > 1 || twos.Count > 1)
        && !ones.Contains(false) && !twos.Contains(false);

    private void Settle(TableTree one, TableTree two, ILookup<string, TableTree> indexes)
    {
        if (IsProved(one, two, indexes))
        {
            (one.Shape, two.Shape) = (two.Shape, one.Shape);
            notes.Add($"sqlite_schema gives {one.Shape.Name} the root of {two.Shape.Name} and the other way round, as their indexes tell: each has its own rows again.");
            return;
        }

        var both = Votes(indexes, two, one).Contains(true);
        var why = both ? "either the roots of both tables or those of their indexes were exchanged" : $"either the roots of both tables were exchanged or the indexes of {one.Shape.Name} are not its present ones";
        foreach (var (tree, from) in new[] { (one, two), (two, one) })
        {
            tree.MarkUncertain([.. tree.Pages], $"whether it is a row of {tree.Shape.Name} or of {from.Shape.Name} is not known: {why}");
        }

        notes.Add(both
            ? $"{one.Shape.Name} and {two.Shape.Name}: each one's index holds the other's rows. Either the tables' roots in sqlite_schema were exchanged or the indexes': their rows are kept apart."
            : $"{one.Shape.Name} and {two.Shape.Name}: the first one's indexes hold the other's rows, and no index tells as much of the other. Either the tables' roots in sqlite_schema were exchanged or these indexes are old ones: their rows are kept apart.");
    }

    /// <summary>Whether an index holds the rows of a tree; null when too few of its entries can be compared.</summary>
    private bool? Agrees(TableTree index, TableShape table, TableTree tree)
    {
        if (index.Shape.Fields is not [.., { IsRowId: true } or { Name: "rowid" }])
        {
            return null;
        }

        var columns = index.Shape.Fields.SkipLast(1).Select(field => Position(table, field.Name)).ToArray();
        var (same, different) = (0, 0);
        for (var sample = 0; sample < Math.Min(Leaves, index.Pages.Count); sample++)
        {
            var number = index.Pages[sample * (index.Pages.Count - 1) / Math.Max(1, Leaves - 1)];
            if (!file.Read(number, page))
            {
                continue;
            }

            var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
            for (var cellIndex = 0; cellIndex < view.CellCount; cellIndex += Math.Max(1, view.CellCount / SamplesALeaf))
            {
                if (view.TryCell(cellIndex, out var cell) && cell.Overflow == 0 && Compare(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell, columns, tree) is { } equal)
                {
                    same += equal ? 1 : 0;
                    different += equal ? 0 : 1;
                }
            }
        }

        return same + different < Least ? null : same > different;
    }

    // True for the same values, false for others or no such row, null where nothing can be compared.
    private bool? Compare(ReadOnlySpan<byte> record, in Cell cell, int[] columns, TableTree tree)
    {
        if (!entry.TryRead(record, cell.PayloadLength) || entry.Count != columns.Length + 1 || !entry.IsInteger(columns.Length))
        {
            return null;
        }

        if (!TryFind(tree, entry.Integer(columns.Length, record), out var found))
        {
            return false;
        }

        var values = other.AsSpan(found.PayloadOffset, found.LocalLength);
        if (!row.TryRead(values, found.PayloadLength))
        {
            return null;
        }

        bool? equal = null;
        for (var field = 0; field < columns.Length; field++)
        {
            if (columns[field] >= 0 && columns[field] < row.Count && row.OffsetOf(columns[field]) + row.LengthOf(columns[field]) <= values.Length && entry.LengthOf(field) > 1)
            {
                if (entry.TypeOf(field) != row.TypeOf(columns[field]) || !entry.Bytes(field, record).SequenceEqual(row.Bytes(columns[field], values)))
                {
                    return false;
                }

                equal = true;
            }
        }

        return equal;
    }

    // The leaves of a whole tree stand in the order of their keys.
    private bool TryFind(TableTree tree, long rowId, out Cell cell)
    {
        var (low, high) = (0, tree.Pages.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var number = tree.Pages[middle];
            if (!file.Read(number, other))
            {
                break;
            }

            var view = BtreePage.As(PageKind.TableLeaf, other, number, file.Usable);
            if (!PageProbe.TryKeys(view, out var first, out var last))
            {
                break;
            }

            if (rowId < first || rowId > last)
            {
                (low, high) = rowId < first ? (low, middle - 1) : (middle + 1, high);
                continue;
            }

            for (var index = 0; index < view.CellCount; index++)
            {
                if (view.TryCell(index, out cell) && cell.RowId == rowId)
                {
                    return true;
                }
            }

            break;
        }

        cell = default;
        return false;
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
