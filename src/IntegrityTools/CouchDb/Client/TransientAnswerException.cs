namespace IntegrityTools.CouchDb.Client;

/// <summary>An answer that another try may better: a server's overload, or a shard's failure inside a bulk read. Never leaves the client.</summary>
internal sealed class TransientAnswerException(string message) : IOException(message);
