using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>Reads from one stream and writes what was read to another.</summary>
internal sealed class CopyingStream(Stream source, Stream target) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer, cancellationToken);
        await target.WriteAsync(buffer[..count], cancellationToken);
        return count;
    }

    public override void Flush() => target.Flush();
}
