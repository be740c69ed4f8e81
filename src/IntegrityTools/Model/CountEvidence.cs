namespace IntegrityTools.Model;

/// <summary>Evidence of two answers to one question that differ, though nothing was written between them.</summary>
public sealed record CountEvidence : IssueEvidence
{
    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>Its answers.</summary>
    public required IReadOnlyList<CountAnswer> Answers { get; init => field = Indexable.Of(value); }

    /// <summary>The update sequence of the database at which all of them were given.</summary>
    public string? Sequence { get; init; }

    /// <summary>The design document whose index gave one of them.</summary>
    public string? Design { get; init; }

    /// <summary>The design document's revision.</summary>
    public string? Revision { get; init; }
}
