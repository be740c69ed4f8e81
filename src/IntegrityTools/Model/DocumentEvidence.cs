namespace IntegrityTools.Model;

/// <summary>Evidence of what is wrong with one document's content.</summary>
public sealed record DocumentEvidence : IssueEvidence
{
    /// <summary>The revision that was looked at: the one that the store returns when asked for the document.</summary>
    public required string Revision { get; init; }

    /// <summary>What is wrong, in the order of the document; at most 100 faults are listed.</summary>
    public required IReadOnlyList<FieldFault> Faults { get; init => field = Indexable.Of(value); }

    /// <summary>How many faults there are in all.</summary>
    public required int Count { get; init; }
}
