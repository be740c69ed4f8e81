using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>What became of one write.</summary>
/// <param name="Revision">The new revision; null when refused.</param>
/// <param name="Conflict">True when it was refused because the leaf that it names has gone on.</param>
/// <param name="Error">Why it was refused otherwise.</param>
internal readonly record struct WriteOutcome(RevisionId? Revision, bool Conflict, string? Error);
