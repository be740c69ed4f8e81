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

    private readonly Stack<byte[]> buffers = new();
    private readonly KeyOrder order = new();
    private readonly RecordLayout layout = new();
    private readonly HashSet<(uint Page, int Tree)> claimed = [];

    /// <summary>The places whose pages were not found.</summary>
    public List<LostSlot> Lost { get; } = [];

    /// <summary>Leaves of one table to which the trees of others lead as well: all of them.</summary>
    public Dictionary<uint, List<TableTree>> Disputed { get; } = [];

    /// <summary>Goes down from a page that is, or should be, in a tree.</summary>
    public void Visit(TableTree tree, uint page, long low, long high, bool certain = true, int depth = 0)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!atlas.Has(page) || atlas.OwnerOf(page) != 0 || atlas.Is(page, PageMark.Free) || depth > DeepestTree)
        {
            Dispute(tree, page, low, high, depth);
            Lost.Add(new LostSlot(tree, page, low, high));
            return;
        }

        var buffer = buffers.TryPop(out var free) ? free : new byte[file.PageSize];
        try
        {
            var kind = atlas.KindOf(page);
            var leaf = tree.Shape.InIndexTree ? PageKind.IndexLeaf : PageKind.TableLeaf;
            if (!file.Read(page, buffer))
            {
                Lost.Add(new LostSlot(tree, page, low, high));
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
                Lost.Add(new LostSlot(tree, page, low, high));
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

        return view.Kind == PageKind.TableInterior || probe.Fit(view.Data, page, view.Kind, tree.Shape) > 0;
    }

    // One wrong key at an end does not make the page another's.
    private bool MostLieBetween(TableShape shape, in BtreePage view, long low, long high)
    {
        var inOrder = order.Judge(view, shape, layout);
        var between = 0;
        for (var index = 0; index < inOrder.Length; index++)
        {
            between += inOrder[index] && view.TryCell(index, out var cell) && (cell.RowId > low || low == long.MinValue) && cell.RowId <= high ? 1 : 0;
        }

        return between * 4 >= inOrder.Length * 3;
    }

    private void Descend(TableTree tree, in BtreePage view, long low, long high, bool certain, int depth)
    {
        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                // Its child has no name any more; a page without parent whose keys lie here is it.
                Lost.Add(new LostSlot(tree, 0, low, high));
                continue;
            }

            Visit(tree, cell.Child, low, tree.Shape.InIndexTree ? high : cell.RowId, certain, depth + 1);
            low = tree.Shape.InIndexTree ? low : cell.RowId;
        }

        Visit(tree, view.RightChild, low, high, certain, depth + 1);
    }
}
