namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Settles leaves to which the trees of two tables lead, whose records suit both: one of the pointers is wrong, or a whole page was written to another's place. The table
/// whose index holds the rows has them; where no index tells, they are certain for nobody.
/// </summary>
internal sealed class DisputedLeaves(PageAtlas atlas, PageProbe probe, TreeWalk walk, IReadOnlyList<TableTree> trees, IndexEvidence evidence, List<string> notes)
{
    /// <summary>Settles them.</summary>
    public void Settle()
    {
        if (walk.Disputed.Count == 0)
        {
            return;
        }

        var open = walk.Disputed.ToDictionary(
            leaf => leaf.Key, leaf => (IReadOnlyList<TableTree>)[trees[atlas.OwnerOf(leaf.Key) - 1], .. leaf.Value.Distinct().Where(tree => tree.Number != atlas.OwnerOf(leaf.Key))]);
        var found = evidence.Judge(open, byElimination: false);
        var places = open.Where(leaf => found.GetValueOrDefault(leaf.Key) != leaf.Value[0]).GroupBy(leaf => leaf.Value[0], leaf => leaf.Key)
            .SelectMany(group => PlacesOf(group.Key, group.ToHashSet())).ToList();
        foreach (var (owner, leaves) in open.GroupBy(leaf => leaf.Value[0], leaf => leaf.Key).Select(group => (group.Key, group.ToHashSet())))
        {
            var others = leaves.Where(leaf => found.GetValueOrDefault(leaf, owner) != owner).ToHashSet();
            owner.Remove(others);
            foreach (var leaf in others)
            {
                atlas.SetOwner(leaf, found[leaf].Number);
                found[leaf].Pages.Add(leaf);
            }

            var untold = leaves.Where(leaf => !found.ContainsKey(leaf)).ToList();
            var names = string.Join(" or ", open.Where(leaf => untold.Contains(leaf.Key)).SelectMany(leaf => leaf.Value).Select(tree => tree.Shape.Name).Distinct());
            owner.MarkUncertain(untold, $"the trees of two tables lead to its page: whether it is a row of {names} is not known");
        }

        walk.Lost.AddRange(places);

        var tables = string.Join(", ", open.Values.SelectMany(claims => claims).Select(tree => tree.Shape.Name).Distinct());
        notes.Add($"{open.Count} pages are claimed by the trees of more than one table ({tables}): by their indexes {found.Count} have gone to the right one, the rows of the others are kept apart.");
    }

    // Where a table may lack a page now: between the leaves that stay its own. They have to be looked at before any leaf changes hands, as long as they stand in order.
    private List<LostSlot> PlacesOf(TableTree owner, HashSet<uint> leaves)
    {
        var places = new List<LostSlot>();
        var (low, waiting) = (long.MinValue, 0);
        foreach (var page in owner.Pages)
        {
            if (leaves.Contains(page))
            {
                waiting++;
            }
            else if (probe.TryRange(page, atlas, out var first, out var last))
            {
                places.AddRange(Enumerable.Repeat(new LostSlot(owner, 0, low, first), waiting));
                (low, waiting) = (last, 0);
            }
        }

        places.AddRange(Enumerable.Repeat(new LostSlot(owner, 0, low, long.MaxValue), waiting));
        return places;
    }
}
