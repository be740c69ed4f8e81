namespace IntegrityTools.Model;

/// <summary>Evidence about an index of a CouchDB database: the views of a design document share one.</summary>
public sealed record IndexEvidence : IssueEvidence
{
    /// <summary>The design document; null for an index that is missing.</summary>
    public string? Design { get; init; }

    /// <summary>The design document's revision.</summary>
    public string? Revision { get; init; }

    /// <summary>The views, or the Mango indexes, that it is about.</summary>
    public IReadOnlyList<string> Views { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Changes of the database that the index has not seen.</summary>
    public long Pending { get; init; }

    /// <summary>Changes of the database that it has seen.</summary>
    public long Seen { get; init; }

    /// <summary>What the server said, where it failed.</summary>
    public string? Error { get; init; }

    /// <summary>True when the function is sound and what is stored of the index cannot be read.</summary>
    public bool Damaged { get; init; }

    /// <summary>The configured query that has no index.</summary>
    public RawJson? Query { get; init; }

    /// <summary>The index that would serve it, as <c>_index</c> takes it.</summary>
    public RawJson? Wanted { get; init; }
}
