namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A schema cannot be used; the message says why, in words that follow a colon.</summary>
internal sealed class SchemaException(string message, Exception? innerException = null) : Exception(message, innerException);
