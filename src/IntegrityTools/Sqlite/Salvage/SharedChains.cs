using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Tells of chains that lead into one another which of them is right. Chains are written page after page: the one that comes from the page
/// just before is right when behind the last page of each of the others lies the very rest that it lacks, and that nobody else claims. Where
/// a page without a parent may have been deleted, what it still holds says nothing against a record that a tree leads to.
/// </summary>
internal sealed class SharedChains(PageFile file, PageAtlas atlas, PayloadReader payloads, bool freelistComplete)
{
    private readonly byte[] page = new byte[file.PageSize];

    /// <summary>Looks at all chains that share a page, and lets the reader believe the right ones.</summary>
    public void Resolve()
    {
        var claims = new Dictionary<uint, List<(Cell Cell, uint Before, long Left)>>();
        var settled = new HashSet<uint>();
        for (var number = 1u; number <= atlas.Count; number++)
        {
            if (!atlas.Is(number, PageMark.Spills) || (atlas.OwnerOf(number) == 0 && !atlas.IsOrphan(number)) || !file.Read(number, page))
            {
                continue;
            }

            var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
            for (var index = 0; index < view.CellCount; index++)
            {
                if (view.TryCell(index, out var cell) && payloads.Junction(cell) is var (shared, before, left))
                {
                    if (!freelistComplete && atlas.OwnerOf(number) != 0 && payloads.IsAlone(cell))
                    {
                        payloads.Trust(cell);
                        settled.Add(shared);
                    }

                    if (!claims.TryGetValue(shared, out var list))
                    {
                        claims.Add(shared, list = []);
                    }

                    list.Add((cell, before, left));
                }
            }
        }

        foreach (var (shared, list) in claims.Where(claim => !settled.Contains(claim.Key)))
        {
            var right = list.FindAll(claim => claim.Before + 1 == shared);
            if (right.Count == 1 && list.TrueForAll(claim => claim == right[0] || (claim.Before != 0 && payloads.IsLostRest(claim.Before + 1, claim.Left))))
            {
                payloads.Trust(right[0].Cell);
            }
        }
    }
}
