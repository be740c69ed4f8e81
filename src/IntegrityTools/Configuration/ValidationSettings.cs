namespace IntegrityTools.Configuration;

/// <summary>The <c>validation:</c> part of integrity.yaml.</summary>
public sealed record ValidationSettings
{
    /// <summary>Whether references must lead to a document.</summary>
    public bool CheckReferences { get; init; } = true;

    /// <summary>Whether documents are held against their type's schema.</summary>
    public bool CheckSchemas { get; init; } = true;

    /// <summary>Whether unknown fields and types are issues.</summary>
    public bool StrictMode { get; init; }
}
