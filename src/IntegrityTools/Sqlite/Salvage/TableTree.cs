namespace IntegrityTools.Sqlite.Salvage;

/// <summary>The pages of a table that were found, in the order of its keys as far as it is known.</summary>
/// <param name="number">Its number in the atlas, from 1.</param>
/// <param name="shape">What its records look like.</param>
internal sealed class TableTree(int number, TableShape shape)
{
    private readonly Dictionary<uint, string> doubts = [];

    /// <summary>Its number in the atlas.</summary>
    public int Number { get; } = number;

    /// <summary>What its records look like.</summary>
    public TableShape Shape { get; set; } = shape;

    /// <summary>Pages with rows that are live.</summary>
    public List<uint> Pages { get; } = [];

    /// <summary>Pages with rows of which nobody can tell whether they were deleted.</summary>
    public List<uint> UncertainPages { get; } = [];

    /// <summary>Whether other trees lead to its pages, too, or its rows may be another table's.</summary>
    public bool IsDisputed { get; private set; }

    /// <summary>Why the rows of an uncertain page are.</summary>
    public string DoubtOf(uint page) => doubts.GetValueOrDefault(page, "whether it was deleted is not known: the freelist is damaged");

    /// <summary>Says that the rows of some of its pages are not certain.</summary>
    public void MarkUncertain(IReadOnlyCollection<uint> pages, string why)
    {
        var marked = pages.ToHashSet();
        IsDisputed |= marked.Count > 0;
        UncertainPages.AddRange(Pages.Where(marked.Contains));
        Pages.RemoveAll(marked.Contains);
        foreach (var page in marked)
        {
            doubts.TryAdd(page, why);
        }
    }

    /// <summary>Gives some of its pages up.</summary>
    public void Remove(IReadOnlySet<uint> pages)
    {
        IsDisputed = true;
        Pages.RemoveAll(pages.Contains);
        UncertainPages.RemoveAll(pages.Contains);
    }
}
