using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>A revision to be read.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Revision">The revision.</param>
public readonly record struct RevisionRequest(string Id, RevisionId Revision);
