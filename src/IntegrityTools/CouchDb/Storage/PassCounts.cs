namespace IntegrityTools.CouchDb.Storage;

/// <summary>What the passes over a whole database have counted; null for a pass that did not run, or not over all.</summary>
/// <param name="Changed">Rows of the changes feed: every document, deleted ones included.</param>
/// <param name="Listed">Rows of the list of all documents.</param>
internal readonly record struct PassCounts(long? Changed, long? Listed);
