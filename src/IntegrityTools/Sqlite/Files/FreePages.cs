using System.Buffers.Binary;
using System.Collections;

namespace IntegrityTools.Sqlite.Files;

/// <summary>Walks the list of free pages. SQLite's own check says ok of a list that loops, overlaps or holds absurd numbers.</summary>
internal static class FreePages
{
    /// <summary>The faults of the list, each with the page on which it stands; a fault ends the walk where the rest cannot be trusted.</summary>
    public static IEnumerable<(uint Page, string Fault)> Check(PageSource pages, CancellationToken cancellationToken)
    {
        var header = pages.Header;
        var seen = new BitArray(checked((int)Math.Min(int.MaxValue, pages.Count + 1L)));
        var buffer = new byte[pages.PageSize];
        var most = (header.UsableSize / 4) - 2;
        var found = 0L;
        for (uint trunk = header.FirstFreePage, from = 1; trunk != 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Fault(trunk, pages, seen) is { } fault)
            {
                yield return (from, $"The list of free pages leads to page {trunk}, which {fault}.");
                yield break;
            }

            if (!pages.TryRead(trunk, buffer))
            {
                yield return (trunk, $"Page {trunk} of the list of free pages cannot be read.");
                yield break;
            }

            found++;
            var leaves = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
            if (leaves > most)
            {
                yield return (trunk, $"Page {trunk} of the list of free pages claims to hold {leaves} numbers, and has room for {most}.");
                yield break;
            }

            for (var index = 0; index < leaves; index++)
            {
                var leaf = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(8 + (index * 4)));
                if (Fault(leaf, pages, seen) is { } wrong)
                {
                    yield return (trunk, $"The list of free pages names page {leaf}, which {wrong}.");
                    continue;
                }

                found++;
            }

            (from, trunk) = (trunk, BinaryPrimitives.ReadUInt32BigEndian(buffer));
        }

        if (found != header.FreePages)
        {
            yield return (1, $"The header counts {header.FreePages} free pages, and the list holds {found}.");
        }
    }

    private static string? Fault(uint page, PageSource pages, BitArray seen)
    {
        if (page < 2 || page > pages.Count)
        {
            return $"does not exist (there are {pages.Count})";
        }

        if (seen[(int)page])
        {
            return "it has named before";
        }

        seen[(int)page] = true;
        return null;
    }
}
