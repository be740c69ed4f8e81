namespace IntegrityTools.Model;

/// <summary>One of several documents that mean the same thing.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Revision">The revision that was looked at.</param>
/// <param name="Created">When it was made, by the configured fields; null is not available.</param>
public sealed record DuplicateDocument(string Id, string Revision, DateTimeOffset? Created);
