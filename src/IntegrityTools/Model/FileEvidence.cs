namespace IntegrityTools.Model;

/// <summary>Evidence of a fault in a database's files: its pages, its indexes, its log.</summary>
public sealed record FileEvidence : IssueEvidence
{
    /// <summary>What was seen, in the words of the check; SQLite's own where SQLite said it.</summary>
    public required string Detail { get; init; }

    /// <summary>The file, when it is not the database itself.</summary>
    public string? Path { get; init; }

    /// <summary>The page, counted from 1.</summary>
    public long? Page { get; init; }

    /// <summary>The root page of the b-tree to which the page belongs.</summary>
    public long? RootPage { get; init; }

    /// <summary>The cell on the page, counted from 0.</summary>
    public int? Cell { get; init; }

    /// <summary>The table, when it is known.</summary>
    public string? Table { get; init; }

    /// <summary>The index, when it is one that is wrong.</summary>
    public string? Index { get; init; }

    /// <summary>The rows that it is about, by their place in the table's order, counted from 1; no more than ten of them.</summary>
    public IReadOnlyList<long> Rows { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many such faults one issue stands for.</summary>
    public long Count { get; init; } = 1;
}
