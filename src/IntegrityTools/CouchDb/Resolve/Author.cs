using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Whose edit a value is.</summary>
/// <param name="Revision">The leaf, or the ancestor.</param>
/// <param name="Timestamp">When it was made; null is not available.</param>
internal sealed record Author(RevisionId Revision, DateTimeOffset? Timestamp);
