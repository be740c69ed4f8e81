namespace IntegrityTools.CouchDb.Client;

/// <summary>One line of a bulk read.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Revision">The revision; null for every leaf (which only a real CouchDB understands).</param>
internal sealed record BulkGetItem(string Id, string? Revision);
