using IntegrityTools.Model;

namespace IntegrityTools;

/// <summary>How an application's document is written.</summary>
public sealed record SaveOptions
{
    /// <summary>
    /// The document as the application had read it, from which it went on to edit. With it a merge does not depend on whether the server still
    /// has that revision's body; null: the server is asked.
    /// </summary>
    public RawJson? Original { get; init; }

    /// <summary>True to hold the document, and what a merge makes of it, against the configured rules first and to refuse it when it breaks one, or its type's schema cannot be used.</summary>
    public bool Check { get; init; } = true;

    /// <summary>The least severity for which <see cref="Check"/> refuses.</summary>
    public Severity RefuseFrom { get; init; } = Severity.Medium;
}
