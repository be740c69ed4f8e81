using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Whose edit a value is.</summary>
/// <param name="Revision">The leaf, or the ancestor.</param>
/// <param name="Timestamp">When it was made; null is not available.</param>
/// <param name="TimestampField">The field that tells so. Times of different fields are not compared: one may tell of the last edit, the other of the document's making.</param>
internal sealed record Author(RevisionId Revision, DateTimeOffset? Timestamp, string? TimestampField);
