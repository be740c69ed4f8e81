using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb;

/// <summary>A document with more than one leaf, as the leaf feed lists it.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Leaves">Its leaf revisions, live and deleted alike.</param>
public sealed record LeafEntry(string Id, IReadOnlyList<RevisionId> Leaves);
