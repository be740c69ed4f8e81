namespace IntegrityTools.Model;

/// <summary>One machine's share in a scan that several have made together.</summary>
public sealed record ScanShare
{
    /// <summary>The name by which they have found each other.</summary>
    public required string Name { get; init; }

    /// <summary>Into how many parts the scan is cut.</summary>
    public int Parts { get; init; }

    /// <summary>How many of them were scanned here: the issues of the others are in the ledgers of those who scanned them.</summary>
    public int PartsHere { get; init; }

    /// <summary>Who has scanned the others: user and machine.</summary>
    public IReadOnlyList<string> Others { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when every part was scanned by processes that share this ledger, so that it holds the whole scan.</summary>
    public bool AllHere { get; init; }
}
