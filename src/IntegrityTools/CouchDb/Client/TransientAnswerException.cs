namespace IntegrityTools.CouchDb.Client;

/// <summary>An answer that another try may better: a server's overload, or a shard's failure inside a bulk read. Never leaves the client.</summary>
internal sealed class TransientAnswerException(string message) : IOException(message)
{
    /// <summary>True when the server has told that it did nothing of what was asked, since too many ask: even a write may be sent again.</summary>
    public bool NothingDone { get; init; }

    /// <summary>How long the server wants to be left in peace; null when it does not tell.</summary>
    public TimeSpan? After { get; init; }
}
