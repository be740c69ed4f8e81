namespace IntegrityTools.Configuration;

/// <summary>How one field is merged when leaves differ.</summary>
public sealed record MergeRule
{
    /// <summary>The field's dotted path; <c>*</c> stands for one step, <c>[]</c> for any element: <c>ports[].number</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Only for documents of this type; null: for all.</summary>
    public string? DocumentType { get; init; }

    /// <summary>What to do.</summary>
    public required MergeRuleKind Kind { get; init; }

    /// <summary>For <see cref="MergeRuleKind.Prefer"/>: values as JSON or plain text, the most preferred first.</summary>
    public IReadOnlyList<string> Preferred { get; init; } = [];

    /// <summary>For <see cref="MergeRuleKind.KeyedList"/>: the member of each element that identifies it.</summary>
    public string? Key { get; init; }
}
