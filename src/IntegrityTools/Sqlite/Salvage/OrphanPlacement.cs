using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Gives pages without a parent back to their tables. That a page's records suit a table proves nothing: another table, of which no trace is left, may have had the
/// same columns. It must be the page that the table's tree names; or the table lacks a page with such keys, and no other does, known or lost; or its indexes hold the rows.
/// </summary>
/// <param name="atlas">What is known of the pages.</param>
/// <param name="probe">Looks into them.</param>
/// <param name="walk">Goes down from what was placed.</param>
/// <param name="trees">The tables and the indexes.</param>
/// <param name="evidence">What the indexes tell.</param>
/// <param name="freelistComplete">Whether every freed page is known as one.</param>
/// <param name="allKnown">Whether the schema names every table of the file: it is whole, or was given.</param>
internal sealed class OrphanPlacement(
    PageAtlas atlas, PageProbe probe, TreeWalk walk, IReadOnlyList<TableTree> trees, IndexEvidence evidence, bool freelistComplete, bool allKnown)
{
    /// <summary>Pages that no table suits, or of which nothing proves whose they are; with the tables that they suit.</summary>
    public Dictionary<uint, string> Unplaced { get; } = [];

    /// <summary>Leaves without a parent that were given to a table, since it lacks one.</summary>
    public IReadOnlyList<(TableTree Tree, uint Leaf)> Inferred => inferred;

    private readonly List<(TableTree Tree, uint Leaf)> inferred = [];

    /// <summary>Places all of them.</summary>
    /// <param name="interior">The interior pages of the file.</param>
    /// <param name="behind">See <see cref="DatabaseHeader.Behind"/>.</param>
    public void Run(IReadOnlyList<uint> interior, uint behind)
    {
        foreach (var page in interior.Where(page => atlas.IsOrphan(page) && !atlas.Is(page, PageMark.Child)))
        {
            Place(page);
        }

        Rest();
        Judge();
        Rest();
        foreach (var (tree, leaves) in inferred.GroupBy(place => place.Tree, place => place.Leaf).Select(group => (group.Key, group.ToHashSet())).ToList())
        {
            tree.MarkUncertain([.. leaves.Where(leaf => leaf >= behind)], "the file goes on behind the pages that its header counts, and it stands there");
            tree.MarkUncertain(Overlapping(tree, leaves), "other rows with such keys stand in another page: which of the two is the table's is not known");
        }
    }

    // Two leaves of one table never have keys between one another's: then what no parent names is not certain.
    private List<uint> Overlapping(TableTree tree, HashSet<uint> leaves)
    {
        var ranges = tree.Pages
            .Select(leaf => (Leaf: leaf, Found: probe.TryRange(leaf, atlas, out var first, out var last), First: first, Last: last))
            .Where(range => range.Found).OrderBy(range => range.First).ToList();
        var found = new List<uint>();
        for (var (index, widest) = (1, 0); index < ranges.Count; index++)
        {
            if (ranges[index].First <= ranges[widest].Last)
            {
                found.Add(ranges[index].Leaf);
                found.Add(ranges[widest].Leaf);
            }

            widest = ranges[index].Last > ranges[widest].Last ? index : widest;
        }

        return [.. found.Where(leaves.Contains).Distinct()];
    }

    // Children of what could not be placed as a whole are placed one by one, and so are those of a parent that does not fit them.
    private void Rest()
    {
        for (var page = 2u; page <= atlas.Count; page++)
        {
            if (atlas.IsOrphan(page) && atlas.KindOf(page) != PageKind.TableInterior && !Unplaced.ContainsKey(page))
            {
                Place(page);
            }
        }
    }

    // What may be several tables' the indexes and the rows around it may tell.
    private void Judge()
    {
        var open = new Dictionary<uint, IReadOnlyList<TableTree>>();
        foreach (var page in Unplaced.Keys.Where(page => atlas.KindOf(page) == PageKind.TableLeaf))
        {
            var all = Candidates(page);
            var fits = all.FindAll(fit => fit.IsOpen);
            if (fits.Count > 0 && !IsLikeOthers(fits, all))
            {
                open.Add(page, [.. (fits.Exists(fit => fit.IsLike) ? fits.FindAll(fit => fit.IsLike) : fits).Select(fit => fit.Tree)]);
            }
        }

        foreach (var (page, tree) in open.Count == 0 ? [] : evidence.Judge(open, allKnown))
        {
            Unplaced.Remove(page);
            Visit(tree, page, long.MinValue, long.MaxValue, freelistComplete || atlas.MappedAs(page) is 1 or 5);
        }
    }

    private void Place(uint page)
    {
        var fits = Candidates(page);
        if (Choose(page, fits) is not { } chosen)
        {
            if (atlas.KindOf(page) != PageKind.TableInterior && (fits.Count == 0 || !fits.TrueForAll(fit => fit.Tree.Shape.IsIndex)))
            {
                Unplaced[page] = string.Join(", ", fits.Where(fit => !fit.Tree.Shape.IsIndex).Select(fit => fit.Tree.Shape.Name));
            }

            return;
        }

        var certain = freelistComplete || atlas.MappedAs(page) is 1 or 5 || chosen.Slot?.Page == page;
        var other = chosen.Slot?.Page == page || !chosen.IsLike ? null : fits.Find(fit => fit is { IsOpen: true, IsOlder: true });
        var before = chosen.Tree.Pages.Count;
        var (low, high) = chosen.Slot is { } slot && chosen.Tree.Shape.HasKeys ? (slot.Low, slot.High) : (long.MinValue, long.MaxValue);
        Visit(chosen.Tree, page, low, high, certain);
        if (other is not null)
        {
            chosen.Tree.MarkUncertain([.. chosen.Tree.Pages.Skip(before)], $"it may be a row of {other.Tree.Shape.Name} from before it got its last columns: no page says which table it is in");
        }
    }

    private void Visit(TableTree tree, uint page, long low, long high, bool certain)
    {
        var before = tree.Pages.Count;
        walk.Visit(tree, page, low, high, certain);
        if (atlas.OwnerOf(page) == 0 && atlas.KindOf(page) != PageKind.TableInterior)
        {
            // Most of its cells are not the table's, or not in their order.
            Unplaced[page] = tree.Shape.Name;
        }

        if (!tree.Shape.InIndexTree)
        {
            inferred.AddRange(tree.Pages.Skip(before).Select(leaf => (tree, leaf)));
        }
    }

    private Fit? Choose(uint page, List<Fit> fits)
    {
        var named = fits.FindAll(fit => fit.Slot?.Page == page);
        var open = fits.FindAll(fit => fit.IsOpen);

        // Of the pages of indexes nothing is taken over but rows of tables without rowids: what suits an index better is none of those.
        return named.Count > 0 ? Best(named)
            : fits.FindAll(fit => fit.IsNamed && !fit.Tree.Shape.InIndexTree && HasGap(fit.Tree, page)) is [var only] ? only
            : atlas.KindOf(page) is PageKind.IndexLeaf or PageKind.IndexInterior ? Best(open)
            : !allKnown ? null
            : open is [var lone] && !IsLikeOthers(open, fits) ? lone
            : open.FindAll(fit => fit.IsLike) is [var like] ? like : null;
    }

    // Its rows are just like those of a table that lacks no page, and only may be those of one that lacks a leaf with another number: some other damage has brought it here.
    private static bool IsLikeOthers(List<Fit> open, List<Fit> all) =>
        !open.Exists(fit => fit.IsLike || fit.Slot is null or { Height: not 0 }) && all.Exists(fit => fit is { IsLike: true, Tree.Shape.IsIndex: false });

    // The tree names the page, but a key beside the pointer is damaged: then one of its two borders holds, and no other leaf has keys between that and the page's.
    private bool HasGap(TableTree tree, uint page)
    {
        if (!probe.TryRange(page, atlas, out var first, out var last) || walk.Lost.Find(slot => slot.Tree == tree && slot.Page == page) is not { } slot)
        {
            return false;
        }

        var (from, to) = first > slot.Low && slot.Low != long.MinValue ? (slot.Low + 1, last) : last <= slot.High && slot.High != long.MaxValue ? (first, slot.High) : (1, 0);
        return from <= to && !tree.Pages.Concat(tree.UncertainPages).Any(leaf => probe.TryRange(leaf, atlas, out var low, out var high) && low <= to && high >= from);
    }

    private List<Fit> Candidates(uint page)
    {
        var inIndexTree = atlas.KindOf(page) is PageKind.IndexLeaf or PageKind.IndexInterior;
        var range = inIndexTree ? null : RangeOf(page, null);
        var fits = new List<Fit>();
        foreach (var tree in trees.Where(tree => tree.Shape.InIndexTree == inIndexTree && !tree.Shape.IsUnknown))
        {
            if (probe.FitBelow(page, atlas, tree.Shape) is > 0 and var score)
            {
                fits.Add(new Fit(tree, score, SlotOf(tree, page, inIndexTree && tree.Shape.HasKeys ? RangeOf(page, tree.Shape) : range), walk.Lost.Exists(slot => slot.Tree == tree && slot.Page == page && IsAsHigh(slot, page))));
            }
        }

        return fits;
    }

    private (long First, long Last)? RangeOf(uint page, TableShape? shape) => probe.TryRange(page, atlas, shape, out var first, out var last) ? (first, last) : null;

    private LostSlot? SlotOf(TableTree tree, uint page, (long First, long Last)? range) =>
        walk.Lost.Find(slot => slot.Tree == tree && slot.Page == page && (range is null || Contains(slot, range.Value)) && IsAsHigh(slot, page))
        ?? walk.Lost.Find(slot => slot.Tree == tree && (range is null || Contains(slot, range.Value)) && IsAsHigh(slot, page))
        ?? (range is { } keys ? Joined(tree, keys, page) : null);

    // A page that stood below the lost one is lower than that.
    private bool IsAsHigh(LostSlot slot, uint page) =>
        slot.Height == -1 || (probe.HeightOf(page, atlas) is var height && (slot.Page == page ? height == slot.Height : height <= slot.Height));

    // Places that follow one another: where a parent was overwritten with another one, its pages' borders are not those of the lost ones.
    private LostSlot? Joined(TableTree tree, (long First, long Last) range, uint page)
    {
        LostSlot? joined = null;
        foreach (var slot in walk.Lost.Where(slot => slot.Tree == tree && IsAsHigh(slot, page)).OrderBy(slot => slot.Low))
        {
            joined = joined is not null && slot.Low <= joined.High ? joined with { Page = 0, High = Math.Max(joined.High, slot.High) } : slot;
            if (Contains(joined, range))
            {
                return joined;
            }
        }

        return null;
    }

    private static bool Contains(LostSlot slot, (long First, long Last) range) =>
        (range.First > slot.Low || slot.Low == long.MinValue) && range.Last <= slot.High;

    private static Fit? Best(List<Fit> fits)
    {
        if (fits.Count == 0)
        {
            return null;
        }

        var best = fits.MaxBy(fit => fit.Score)!;
        return fits.Count(fit => fit.Score == best.Score) == 1 ? best : null;
    }

    private sealed record Fit(TableTree Tree, int Score, LostSlot? Slot, bool IsNamed)
    {
        // Other tables only may have had such rows: older ones, or with texts where numbers belong.
        public bool IsLike => Score >= TableShape.Like;

        // Rows that were there before the table got its last columns.
        public bool IsOlder => Score is >= TableShape.Older and < TableShape.Like && !Tree.Shape.IsIndex;

        // It lacks a page where this one's keys would stand; or nobody knows where it begins; an index is only told apart.
        public bool IsOpen => Slot is not null || Tree.Shape.Root == 0 || Tree.Shape.IsIndex;
    }
}
