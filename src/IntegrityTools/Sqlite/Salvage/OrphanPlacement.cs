using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Gives pages without a parent back to their tables: to the one whose tree lacks a page with such keys, else to the one that alone
/// suits their records best.
/// </summary>
internal sealed class OrphanPlacement(PageAtlas atlas, PageProbe probe, TreeWalk walk, IReadOnlyList<TableTree> trees, IndexEvidence evidence, bool freelistComplete)
{
    /// <summary>Pages that no table suits, or several do.</summary>
    public HashSet<uint> Unplaced { get; } = [];

    /// <summary>Indexes' pages and others that hold no rows of their own.</summary>
    public long Ignored { get; private set; }

    /// <summary>Places all of them.</summary>
    /// <param name="interior">The interior pages of the file.</param>
    public void Run(IReadOnlyList<uint> interior)
    {
        foreach (var page in interior.Where(page => atlas.IsOrphan(page) && !atlas.Is(page, PageMark.Child)))
        {
            Place(page);
        }

        Rest();
        Judge();
        Rest();
    }

    // Children of what could not be placed as a whole are placed one by one, and so are those of a parent that does not fit them.
    private void Rest()
    {
        for (var page = 2u; page <= atlas.Count; page++)
        {
            if (atlas.IsOrphan(page) && atlas.KindOf(page) != PageKind.TableInterior && !Unplaced.Contains(page))
            {
                Place(page);
            }
        }
    }

    // What several tables suit alike, the indexes and the rows around it may tell.
    private void Judge()
    {
        var open = new Dictionary<uint, IReadOnlyList<TableTree>>();
        foreach (var page in Unplaced.Where(page => atlas.KindOf(page) == PageKind.TableLeaf))
        {
            var fits = trees.Where(tree => tree.Shape is { InIndexTree: false, IsUnknown: false } && probe.FitBelow(page, atlas, tree.Shape) > 0).ToList();
            if (fits.Count > 1)
            {
                open.Add(page, fits);
            }
        }

        foreach (var (page, tree) in open.Count == 0 ? [] : evidence.Judge(open))
        {
            Unplaced.Remove(page);
            walk.Visit(tree, page, long.MinValue, long.MaxValue, freelistComplete || atlas.MappedAs(page) is 1 or 5);
        }
    }

    private void Place(uint page)
    {
        var inIndexTree = atlas.KindOf(page) is PageKind.IndexLeaf or PageKind.IndexInterior;
        var ranged = probe.TryRange(page, atlas, out var first, out var last);
        var fits = new List<(TableTree Tree, int Score, LostSlot? Slot)>();
        foreach (var tree in trees.Where(tree => tree.Shape.InIndexTree == inIndexTree && !tree.Shape.IsUnknown))
        {
            if (probe.FitBelow(page, atlas, tree.Shape) is > 0 and var score)
            {
                fits.Add((tree, score, SlotOf(tree, page, inIndexTree || !ranged ? null : (first, last))));
            }
        }

        var slotted = fits.Where(fit => fit.Slot is not null).ToList();
        var chosen = Best(slotted) ?? Best(fits);
        if (chosen is not { } best)
        {
            if (fits.Count > 0 && fits.TrueForAll(fit => fit.Tree.Shape.IsIndex))
            {
                Ignored++;
            }
            else if (atlas.KindOf(page) != PageKind.TableInterior)
            {
                Unplaced.Add(page);
            }

            return;
        }

        var certain = freelistComplete || atlas.MappedAs(page) is 1 or 5 || best.Slot?.Page == page;
        var (low, high) = best.Slot is { } slot && !inIndexTree ? (slot.Low, slot.High) : (long.MinValue, long.MaxValue);
        walk.Visit(best.Tree, page, low, high, certain);
    }

    private LostSlot? SlotOf(TableTree tree, uint page, (long First, long Last)? range) =>
        walk.Lost.Find(slot => slot.Tree == tree && slot.Page == page && (range is null || Contains(slot, range.Value)))
        ?? walk.Lost.Find(slot => slot.Tree == tree && (range is null || Contains(slot, range.Value)));

    private static bool Contains(LostSlot slot, (long First, long Last) range) =>
        (range.First > slot.Low || slot.Low == long.MinValue) && range.Last <= slot.High;

    private static (TableTree Tree, int Score, LostSlot? Slot)? Best(List<(TableTree Tree, int Score, LostSlot? Slot)> fits)
    {
        if (fits.Count == 0)
        {
            return null;
        }

        var best = fits.MaxBy(fit => fit.Score);
        return fits.Count(fit => fit.Score == best.Score) == 1 ? best : null;
    }
}
