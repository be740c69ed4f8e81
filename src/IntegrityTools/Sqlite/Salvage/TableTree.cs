namespace IntegrityTools.Sqlite.Salvage;

/// <summary>The pages of a table that were found, in the order of its keys as far as it is known.</summary>
/// <param name="number">Its number in the atlas, from 1.</param>
/// <param name="shape">What its records look like.</param>
internal sealed class TableTree(int number, TableShape shape)
{
    /// <summary>Its number in the atlas.</summary>
    public int Number { get; } = number;

    /// <summary>What its records look like.</summary>
    public TableShape Shape { get; set; } = shape;

    /// <summary>Pages with rows that are live.</summary>
    public List<uint> Pages { get; } = [];

    /// <summary>Pages with rows of which nobody can tell whether they were deleted.</summary>
    public List<uint> UncertainPages { get; } = [];
}
