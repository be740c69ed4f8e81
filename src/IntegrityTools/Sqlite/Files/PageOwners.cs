using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Files;

/// <summary>Finds out to which table or index a page belongs, by walking the b-trees' inner pages.</summary>
internal static class PageOwners
{
    private const byte InnerIndex = 2;
    private const byte InnerTable = 5;

    /// <summary>The roots of the trees in which the wanted pages stand. A page in an overflow chain, or below a damaged one, is not found.</summary>
    public static Dictionary<uint, uint> Find(PageSource pages, IEnumerable<uint> roots, IReadOnlySet<uint> wanted, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<uint, uint>();
        var buffer = new byte[pages.PageSize];
        foreach (var root in roots)
        {
            var seen = new HashSet<uint> { root };
            var open = new Stack<uint>(seen);
            while (owners.Count < wanted.Count && open.TryPop(out var page))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (wanted.Contains(page))
                {
                    owners.TryAdd(page, root);
                }

                if (!pages.TryRead(page, buffer))
                {
                    continue;
                }

                foreach (var child in Children(page, buffer, pages.Header.UsableSize))
                {
                    if (child <= pages.Count && seen.Add(child))
                    {
                        open.Push(child);
                    }
                }
            }
        }

        return owners;
    }

    private static IEnumerable<uint> Children(uint page, byte[] bytes, int usable)
    {
        var start = page == 1 ? DatabaseHeader.Length : 0;
        if (bytes[start] is not (InnerIndex or InnerTable))
        {
            yield break;
        }

        var cells = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(start + 3));
        for (var cell = 0; cell < cells && start + 14 + (cell * 2) <= usable; cell++)
        {
            var at = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(start + 12 + (cell * 2)));
            if (at + 4 <= usable)
            {
                yield return BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            }
        }

        yield return BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(start + 8));
    }
}
