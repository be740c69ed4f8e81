using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What is known of each page: a few bytes a page, so that memory does not grow with what is in them.</summary>
internal sealed class PageAtlas(uint count)
{
    private readonly PageKind[] kinds = new PageKind[count + 1];
    private readonly PageMark[] marks = new PageMark[count + 1];
    private readonly byte[] mapped = new byte[count + 1];
    private readonly int[] owners = new int[count + 1];

    /// <summary>Pages of the file.</summary>
    public uint Count { get; } = count;

    /// <summary>What a page looks like.</summary>
    public PageKind KindOf(uint page) => kinds[page];

    /// <summary>Says what a page looks like.</summary>
    public void SetKind(uint page, PageKind kind) => kinds[page] = kind;

    /// <summary>The number of the tree that a page belongs to; 0: none.</summary>
    public int OwnerOf(uint page) => owners[page];

    /// <summary>Says to which tree a page belongs.</summary>
    public void SetOwner(uint page, int owner) => owners[page] = owner;

    /// <summary>Whether a page has a mark.</summary>
    public bool Is(uint page, PageMark mark) => (marks[page] & mark) != 0;

    /// <summary>Marks a page.</summary>
    public void Mark(uint page, PageMark mark) => marks[page] |= mark;

    /// <summary>What the pointer map says of a page, 1 to 5 as in the file format; 0: nothing.</summary>
    public byte MappedAs(uint page) => mapped[page];

    /// <summary>Keeps what the pointer map says of a page.</summary>
    public void SetMapped(uint page, byte type) => mapped[page] = type;

    /// <summary>Whether there is such a page.</summary>
    public bool Has(uint page) => page >= 1 && page <= Count;

    /// <summary>Whether a page is a b-tree's, and nobody's so far.</summary>
    public bool IsOrphan(uint page) =>
        kinds[page] != PageKind.None && owners[page] == 0 && (marks[page] & (PageMark.Free | PageMark.Overflow | PageMark.Map | PageMark.Trunk)) == 0;
}
