namespace IntegrityTools.Configuration;

/// <summary>Fields by which two documents of one type are known to mean the same thing, as <c>validation.identities</c> has them.</summary>
public sealed record IdentityRule
{
    /// <summary>The type of the documents; null: any, of which only those of the same type are compared.</summary>
    public string? DocumentType { get; init; }

    /// <summary>The dotted paths that make the key. A document that lacks one of them, or has no text, number or reference there, has no key.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Differences between texts that do not count. They always count in fields that name other documents.</summary>
    public IReadOnlyList<KeyDifference> Ignore { get; init; } = [KeyDifference.Space, KeyDifference.Unicode];
}
