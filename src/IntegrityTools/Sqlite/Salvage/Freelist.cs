using System.Buffers.Binary;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Which pages were freed: from the header's chain as far as it goes, else from the pages that look like its trunks.</summary>
internal sealed class Freelist(PageFile file, PageAtlas atlas)
{
    private readonly byte[] page = new byte[file.PageSize];

    /// <summary>Pages marked as free.</summary>
    public uint Found { get; private set; }

    /// <summary>Whether every freed page is known.</summary>
    public bool Complete { get; private set; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Marks the freed pages.</summary>
    /// <param name="header">The header; null when it is lost.</param>
    public void Read(DatabaseHeader? header)
    {
        for (var number = 1u; number <= atlas.Count; number++)
        {
            if (atlas.MappedAs(number) == 2)
            {
                Free(number);
            }
        }

        if (header is { } known)
        {
            Follow(known.FirstFreePage, known.FreePages);
        }

        Look(header, empty: false);
    }

    /// <summary>Looks for the rest once every record has its pages: a trunk that lists nothing looks like a page of a record that is mostly zeros.</summary>
    public void ReadRest(DatabaseHeader? header) => Look(header, empty: true);

    private void Look(DatabaseHeader? header, bool empty)
    {
        var listed = Found;
        FindTrunks(empty, header?.Behind ?? uint.MaxValue);
        if (Found > listed && header is not null)
        {
            Fault ??= $"{Found - listed} free pages are not on the freelist.";
        }

        // A count that fits is believed; one that cannot be right leaves the pages themselves: is there any that could be a lost trunk?
        Complete = header is { } told && Found <= told.FreePages && told.FreePages <= atlas.Count
            ? Found == told.FreePages
            : NothingUnknown();
    }

    private void Follow(uint trunk, uint expected)
    {
        uint counted = 0;
        while (trunk != 0)
        {
            if (!atlas.Has(trunk) || atlas.Is(trunk, PageMark.Trunk) || !file.Read(trunk, page))
            {
                Fault = atlas.Has(trunk) ? $"The freelist comes back to page {trunk}." : $"The freelist leads to page {trunk}, which does not exist.";
                return;
            }

            var count = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(4));
            if (count > (file.Usable / 4) - 2)
            {
                Fault = $"Page {trunk} of the freelist says that it lists {Counted.Of(count, "page")}: more than it has room for.";
                return;
            }

            atlas.Mark(trunk, PageMark.Trunk);
            Free(trunk);
            counted += 1 + count;
            for (var index = 0; index < count; index++)
            {
                var leaf = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(8 + (4 * index)));
                if (leaf < 2 || !atlas.Has(leaf))
                {
                    Fault = $"Page {trunk} of the freelist lists page {leaf}, which does not exist.";
                    continue;
                }

                if (atlas.OwnerOf(leaf) != 0)
                {
                    Fault = $"Page {leaf} is on the freelist although a table or an index uses it.";
                    continue;
                }

                Free(leaf);
            }

            trunk = BinaryPrimitives.ReadUInt32BigEndian(page);
        }

        if (counted != expected)
        {
            Fault ??= $"The freelist has {Counted.Of(counted, "page")}, and the header says {expected}.";
        }
    }

    // A trunk names its successor, a count, and that many different pages that no tree uses: hardly any other page looks like that.
    private void FindTrunks(bool empty, uint behind)
    {
        for (var number = 2u; number <= atlas.Count && number < behind; number++)
        {
            if (atlas.KindOf(number) != PageKind.None || atlas.OwnerOf(number) != 0
                || atlas.Is(number, PageMark.Map | PageMark.Overflow | PageMark.Trunk | PageMark.Free) || !file.Read(number, page))
            {
                continue;
            }

            var next = BinaryPrimitives.ReadUInt32BigEndian(page);
            var count = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(4));
            if (next > atlas.Count || next == number || count > (file.Usable / 4) - 2 || (count == 0 && !empty))
            {
                continue;
            }

            var leaves = new HashSet<uint>();
            for (var index = 0; index < count; index++)
            {
                var leaf = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(8 + (4 * index)));
                if (leaf < 2 || !atlas.Has(leaf) || leaf == number || atlas.OwnerOf(leaf) != 0 || !leaves.Add(leaf))
                {
                    break;
                }
            }

            if (leaves.Count == count && page.AsSpan().ContainsAnyExcept((byte)0))
            {
                atlas.Mark(number, PageMark.Trunk);
                Free(number);
                foreach (var leaf in leaves)
                {
                    Free(leaf);
                }
            }
        }
    }

    private bool NothingUnknown()
    {
        for (var number = 2u; number <= atlas.Count; number++)
        {
            if (atlas.KindOf(number) == PageKind.None && atlas.OwnerOf(number) == 0
                && !atlas.Is(number, PageMark.Map | PageMark.Overflow | PageMark.Trunk | PageMark.Free)
                && file.Read(number, page) && !LooksLikeOverflow())
            {
                return false;
            }
        }

        return true;
    }

    // Part of a record whose first page is lost: it names its successor, or none. What is only zeros, or nonsense, could have been anything.
    private bool LooksLikeOverflow() =>
        BinaryPrimitives.ReadUInt32BigEndian(page) <= atlas.Count && page.AsSpan().ContainsAnyExcept((byte)0);

    private void Free(uint number)
    {
        if (!atlas.Is(number, PageMark.Free))
        {
            atlas.Mark(number, PageMark.Free);
            Found++;
        }
    }
}
