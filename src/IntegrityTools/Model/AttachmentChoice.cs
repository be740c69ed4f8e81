namespace IntegrityTools.Model;

/// <summary>An attachment of a merged document, and the leaf whose bytes it takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="FromRevision">The leaf that has it.</param>
/// <param name="Digest">The digest it had there when the plan was made.</param>
public sealed record AttachmentChoice(string Name, string FromRevision, string? Digest)
{
    /// <summary>The document that has it, where that is another one; null: the document itself.</summary>
    public string? FromDocument { get; init; }
}
