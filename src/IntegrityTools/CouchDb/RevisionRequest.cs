using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>A revision to be read.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Revision">The revision.</param>
public sealed record RevisionRequest(string Id, RevisionId Revision);
