namespace IntegrityTools.CouchDb.Client;

/// <summary>What became of one document of a bulk write.</summary>
/// <param name="Id">The document's id.</param>
/// <param name="Revision">The revision that was written; null when it was refused.</param>
/// <param name="Error">The server's code for a refusal, such as <c>conflict</c>; null when it was written.</param>
/// <param name="Reason">The server's words for it.</param>
internal sealed record WriteResult(string Id, string? Revision, string? Error, string? Reason);
