namespace IntegrityTools.Model;

/// <summary>Evidence that several documents mean the same thing.</summary>
public sealed record DuplicateEvidence : IssueEvidence
{
    /// <summary>The fields that make the key.</summary>
    public required IReadOnlyList<string> Fields { get; init => field = Indexable.Of(value); }

    /// <summary>What stands in these fields in the document that is the issue's subject, as JSON texts, shortened for display.</summary>
    public required IReadOnlyList<string> Key { get; init => field = Indexable.Of(value); }

    /// <summary>The documents, by id; at most 1,000 are listed.</summary>
    public required IReadOnlyList<DuplicateDocument> Documents { get; init => field = Indexable.Of(value); }

    /// <summary>How many documents there are in all.</summary>
    public required int Count { get; init; }
}
