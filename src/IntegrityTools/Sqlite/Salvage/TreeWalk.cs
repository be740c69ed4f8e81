using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Goes down trees and says whose each page is. A pointer is believed only where the page has the right kind, the right records and keys
/// between its neighbours': pages that were swapped or overwritten are not taken for what their place says.
/// </summary>
internal sealed class TreeWalk(PageFile file, PageAtlas atlas, PageProbe probe, CancellationToken cancellationToken)
{
    /// <summary>No tree that fits into a file is deeper.</summary>
    public const int DeepestTree = 40;

    // No child is as high as that: the children of a page contradict each other, and nothing tells which are its own.
    private const int Contradictory = -2;

    private readonly Stack<byte[]> buffers = new();
    private readonly KeyOrder order = new();
    private readonly RecordLayout layout = new();
    private readonly HashSet<(uint Page, int Tree)> claimed = [];
    private int unproved;

    /// <summary>The places whose pages were not found.</summary>
    public List<LostSlot> Lost { get; } = [];

    /// <summary>Leaves of one table to which the trees of others lead as well: all of them.</summary>
    public Dictionary<uint, List<TableTree>> Disputed { get; } = [];

    /// <summary>Leaves that stand, or below a page that stands, where the file was shifted and nothing proves that they are in their places.</summary>
    public List<(TableTree Tree, uint Page)> Doubtful { get; } = [];

    /// <summary>Goes down from a page that is, or should be, in a tree.</summary>
    public void Visit(TableTree tree, uint page, long low, long high, bool certain = true, int depth = 0, int height = -1)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (height != -1 && probe.HeightOf(page, atlas) is >= 0 and var own && own != height)
        {
            Lost.Add(new LostSlot(tree, page, low, high, height));
            return;
        }

        if (!atlas.Has(page) || atlas.OwnerOf(page) != 0 || atlas.Is(page, PageMark.Free) || depth > DeepestTree)
        {
            Dispute(tree, page, low, high, depth);
            Lost.Add(new LostSlot(tree, page, low, high, height));
            return;
        }

        var buffer = buffers.TryPop(out var free) ? free : new byte[file.PageSize];
        try
        {
            var kind = atlas.KindOf(page);
            var leaf = tree.Shape.InIndexTree ? PageKind.IndexLeaf : PageKind.TableLeaf;
            if (!file.Read(page, buffer))
            {
                Lost.Add(new LostSlot(tree, page, low, high, height));
            }
            else if (IsInterior(tree, kind) && Fits(tree, BtreePage.Of(buffer, page, file.Usable), page, low, high))
            {
                Take(tree, page, certain, tree.Shape.InIndexTree);
                Descend(tree, BtreePage.Of(buffer, page, file.Usable), low, high, certain, depth);
            }
            else if (!IsInterior(tree, kind) && IsLeaf(BtreePage.Of(buffer, page, file.Usable), leaf)
                && Fits(tree, BtreePage.As(leaf, buffer, page, file.Usable), page, low, high))
            {
                // Whatever its first byte says, its cells are a leaf's of this table.
                atlas.SetKind(page, leaf);
                Take(tree, page, certain, rows: true);
            }
            else
            {
                Lost.Add(new LostSlot(tree, page, low, high, height));
            }
        }
        finally
        {
            buffers.Push(buffer);
        }
    }

    // What a wrong pointer leads to may lead anywhere, to itself as well: no page is gone through twice for a tree.
    private void Dispute(TableTree tree, uint page, long low, long high, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var owner = atlas.Has(page) ? atlas.OwnerOf(page) : 0;
        var buffer = new byte[file.PageSize];
        if (tree.Shape.InIndexTree || owner == 0 || owner == tree.Number || depth > DeepestTree || claimed.Contains((page, tree.Number)) || !file.Read(page, buffer))
        {
            return;
        }

        var view = BtreePage.Of(buffer, page, file.Usable);
        if (!view.IsTable || !Fits(tree, view, page, low, high))
        {
            return;
        }

        claimed.Add((page, tree.Number));
        if (!view.IsInterior)
        {
            if (!Disputed.TryGetValue(page, out var claims))
            {
                Disputed.Add(page, claims = []);
            }

            claims.Add(tree);
            return;
        }

        for (var index = 0; index <= view.CellCount; index++)
        {
            var child = index == view.CellCount ? view.RightChild : view.TryCell(index, out var cell) ? cell.Child : 0;
            Dispute(tree, child, long.MinValue, long.MaxValue, depth + 1);
        }
    }

    private static bool IsInterior(TableTree tree, PageKind kind) => kind == (tree.Shape.InIndexTree ? PageKind.IndexInterior : PageKind.TableInterior);

    // A leaf that is cut off may have lost most of its cells; one whose first byte is wrong must have nearly all of them.
    private static bool IsLeaf(in BtreePage view, PageKind leaf) =>
        view.Kind == leaf || (view.PointerEnd <= view.Usable && BtreePage.As(leaf, view.Data, view.Number, view.Usable) is { CellCount: > 0 } forced && forced.IsPlausible());

    private void Take(TableTree tree, uint page, bool certain, bool rows)
    {
        atlas.SetOwner(page, tree.Number);
        if (rows)
        {
            (certain ? tree.Pages : tree.UncertainPages).Add(page);
        }

        if (rows && (unproved > 0 || file.IsDoubtful(page)))
        {
            Doubtful.Add((tree, page));
        }
    }

    private bool Fits(TableTree tree, in BtreePage view, uint page, long low, long high)
    {
        if (view.PointerEnd > file.Usable || (view.IsInterior && !view.IsPlausible()))
        {
            return false;
        }

        if (!tree.Shape.InIndexTree && view.CellCount > 0
            && (!PageProbe.TryKeys(view, out var first, out var last) || first <= low && low != long.MinValue || last > high || first > last)
            && (view.IsInterior || !MostLieBetween(tree.Shape, view, low, high)))
        {
            return false;
        }

        return tree.Shape is { InIndexTree: true, HasKeys: true } && view.CellCount > 0 && !MostLieBetween(tree.Shape, view, low, high) ? false
            : view.Kind == PageKind.TableInterior ? AnyChildSuits(tree.Shape, view)
            : probe.Fit(view.Data, page, view.Kind, tree.Shape) > 0;
    }

    // An interior page has no records of its own to tell whose it is: those below it do, where any can be read.
    private bool AnyChildSuits(TableShape shape, in BtreePage view)
    {
        var read = false;
        for (var index = view.CellCount; index >= 0; index--)
        {
            var child = index == view.CellCount ? view.RightChild : view.TryCell(index, out var cell) ? cell.Child : 0;
            if (probe.HeightOf(child, atlas) >= 0)
            {
                if (probe.FitBelow(child, atlas, shape) > 0)
                {
                    return true;
                }

                read = true;
            }
        }

        return !read;
    }

    // One wrong key at an end does not make the page another's.
    private bool MostLieBetween(TableShape shape, in BtreePage view, long low, long high)
    {
        var inOrder = order.Judge(view, shape, layout);
        var (between, judged) = (0, 0);
        for (var index = 0; index < inOrder.Length; index++)
        {
            var read = TryKey(shape, view, index, out var key);
            judged += read || !shape.InIndexTree ? 1 : 0;
            between += read && inOrder[index] && (key > low || low == long.MinValue) && key <= high ? 1 : 0;
        }

        return between * 4 >= judged * 3;
    }

    private bool TryKey(TableShape shape, in BtreePage view, int index, out long key)
    {
        key = 0;
        if (!view.TryCell(index, out var cell))
        {
            return false;
        }

        var record = view.Data.Slice(cell.PayloadOffset, cell.LocalLength);
        return (!shape.InIndexTree || layout.TryRead(record, cell.PayloadLength)) && KeyOrder.TryKey(shape, cell, record, layout, out key);
    }

    private void Descend(TableTree tree, in BtreePage view, long low, long high, bool certain, int depth)
    {
        var height = HeightBelow(tree, view, low);
        unproved += file.IsDoubtful(view.Number) ? 1 : 0;
        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                // Its child has no name any more; a page without parent whose keys lie here is it.
                Lost.Add(new LostSlot(tree, 0, low, high, height));
                continue;
            }

            var ends = tree.Shape.HasKeys && TryKey(tree.Shape, view, index, out var key) ? key : (long?)null;
            Visit(tree, cell.Child, low, ends ?? high, certain, depth + 1, height);
            low = ends ?? low;
        }

        Visit(tree, view.RightChild, low, high, certain, depth + 1, height);
        unproved -= file.IsDoubtful(view.Number) ? 1 : 0;
    }

    // All leaves of a tree are equally deep. A child that is higher or lower than the others is another tree's; one that ends with the very key that its parent names counts for several.
    private int HeightBelow(TableTree tree, in BtreePage view, long low)
    {
        const int Exact = 4;
        var votes = new SortedDictionary<int, int>();
        for (var round = 0; round < 2; round++)
        {
            var before = low;
            for (var index = 0; index <= view.CellCount; index++)
            {
                var (child, key) = index == view.CellCount ? (view.RightChild, long.MaxValue) : view.TryCell(index, out var cell) ? (cell.Child, cell.RowId) : (0, before);
                if (probe.HeightOf(child, atlas) is >= 0 and var height)
                {
                    var exact = round == 1 && !tree.Shape.InIndexTree && probe.TryRange(child, atlas, out var first, out var last)
                        && (last == key || (before != long.MinValue && first - 1 == before));
                    votes[height] = votes.GetValueOrDefault(height) + (exact ? Exact : 1);
                }

                before = key;
            }

            // Where all agree nobody needs to look into them.
            if (votes.Count < 2)
            {
                return votes.Count == 0 ? -1 : votes.Keys.First();
            }
        }

        var most = votes.Values.Max();
        return votes.Count(vote => vote.Value == most) == 1 ? votes.MaxBy(vote => vote.Value).Key : Contradictory;
    }
}
