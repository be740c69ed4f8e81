namespace IntegrityTools.CouchDb;

/// <summary>A document as a pass over all of them sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Utf8">The whole document with CouchDB's own members, as it came; good until the next one is read.</param>
public readonly record struct DocumentBody(string Id, ReadOnlyMemory<byte> Utf8);
