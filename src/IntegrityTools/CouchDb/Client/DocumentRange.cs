namespace IntegrityTools.CouchDb.Client;

/// <summary>A part of the list of all documents, in the order in which the server keeps ids.</summary>
/// <param name="Partition">Only this partition; null: all.</param>
/// <param name="From">The first id, itself included; null: from the beginning.</param>
/// <param name="Before">The id at which it ends, itself left out; null: to the end.</param>
internal sealed record DocumentRange(string? Partition = null, string? From = null, string? Before = null);
