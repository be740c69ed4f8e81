namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Finds pages to which a table's tree leads although their records lack columns of it, or hold what it is not declared for, while they are just like those of another table or
/// index that lacks a page: one page was written to the place of another, or its number stands in the wrong place. Whose rows they are is not certain.
/// </summary>
internal sealed class Strangers(PageAtlas atlas, PageProbe probe, IReadOnlyList<TableTree> trees, IReadOnlyList<LostSlot> lost, CancellationToken cancellationToken)
{
    /// <summary>Marks their rows as uncertain.</summary>
    public void Mark()
    {
        var lacking = lost.Where(slot => !slot.Tree.Shape.IsUnknown).ToLookup(slot => slot.Tree);
        foreach (var tree in trees.Where(tree => lacking.Count > 0 && tree.Shape is { IsTaken: true, IsUnknown: false }))
        {
            // Rows may be older than the table's last columns: a tree with one that has them all is the table's. An index's entries are no such rows.
            var others = lacking.Where(other => other.Key != tree && other.Key.Shape.InIndexTree == tree.Shape.InIndexTree).ToList();
            if (others.Count > 0 && tree.Pages.Exists(page => probe.HasLike(page, atlas, tree.Shape)))
            {
                others.RemoveAll(other => !other.Key.Shape.IsIndex);
            }

            foreach (var (page, other) in others.Count == 0 ? [] : tree.Pages.Select(page => (page, LikelyOwner(page, tree, others))).ToList())
            {
                if (other is not null)
                {
                    tree.MarkUncertain([page], $"its page is like those of {other.Shape.Name}, which lacks one, rather than those of {tree.Shape.Name}");
                }
            }
        }
    }

    private TableTree? LikelyOwner(uint page, TableTree tree, List<IGrouping<TableTree, LostSlot>> others)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (probe.FitBelow(page, atlas, tree.Shape) is 0 or >= TableShape.Like)
        {
            return null;
        }

        var ranged = !tree.Shape.InIndexTree && probe.TryRange(page, atlas, out var first, out var last) ? (first, last) : ((long First, long Last)?)null;
        return others.Find(other => probe.FitBelow(page, atlas, other.Key.Shape) >= TableShape.Like
            && other.Any(slot => ranged is not var (low, high) || ((low > slot.Low || slot.Low == long.MinValue) && high <= slot.High)))?.Key;
    }
}
