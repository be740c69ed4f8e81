namespace IntegrityTools.Model;

/// <summary>Evidence of a conflict: every leaf of the document's revision tree, and what tells them apart.</summary>
public sealed record ConflictEvidence : IssueEvidence
{
    /// <summary>The leaf that the store returns when asked for the document.</summary>
    public required string WinningRevision { get; init; }

    /// <summary>Every leaf, the winner first, then live before deleted, then by generation and hash descending.</summary>
    public required IReadOnlyList<LeafEvidence> Leaves { get; init => field = Indexable.Of(value); }

    /// <summary>How many leaves are live.</summary>
    public required int LiveLeaves { get; init; }

    /// <summary>The deepest revision that all live leaves share (with the parent of the deletion, for an edit against a deletion); null when histories share none.</summary>
    public string? CommonAncestor { get; init; }

    /// <summary>True when the store still has the common ancestor's body, so that a three-way merge is possible.</summary>
    public bool AncestorAvailable { get; init; }

    /// <summary>Of which of <see cref="ConflictKinds"/> it is.</summary>
    public IReadOnlyList<string> Kinds { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when all live leaves have equal bodies and attachments.</summary>
    public bool IdenticalBodies { get; init; }
}
