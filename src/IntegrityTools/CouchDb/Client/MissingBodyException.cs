namespace IntegrityTools.CouchDb.Client;

/// <summary>A list that should have documents' bodies was asked for without them.</summary>
internal sealed class MissingBodyException() : Exception("The list has no documents' content: include_docs=true was left out.");
