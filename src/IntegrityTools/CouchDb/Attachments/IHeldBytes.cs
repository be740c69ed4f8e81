namespace IntegrityTools.CouchDb.Attachments;

/// <summary>Bytes outside memory.</summary>
internal interface IHeldBytes : IDisposable
{
    /// <summary>The bytes in pieces, each good until the next; the length of each but the last is a multiple of 3, so that base64 has no padding before its end.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);
}
