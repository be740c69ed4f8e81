namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// A connection that is read in large pieces. CouchDB sends a long answer some 1.5 KB at a time, and .NET's client asks for 4 KB: taken as they
/// come, much of a scan's time goes into waking up for each of thousands, here and in the server, which sends faster to a reader that is not waiting.
/// So in a long answer that comes in small pieces it waits a moment, until more has come. Not for TLS, which gives its pieces of 16 KB one by one although more has come.
/// </summary>
/// <param name="connection">The connection, owned.</param>
/// <param name="pause">Waits the moment; null: some milliseconds.</param>
internal sealed class GatheringStream(Stream connection, Func<CancellationToken, Task>? pause = null) : ForwardStream
{
    private const int Piece = 128 * 1024;

    // Answers up to this length are taken as they come.
    private const int Short = 64 * 1024;

    // What is no larger was not worth waking up for.
    private const int Small = 16 * 1024;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private static ReadOnlySpan<byte> LastChunk => "0\r\n\r\n"u8;

    private readonly Func<CancellationToken, Task> pause = pause ?? (static token => Task.Delay(Moment, token));
    private byte[] piece = [];
    private int start;
    private int end;
    private long answered;

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        start < end ? new ValueTask<int>(Take(buffer.Span)) : ReceiveAsync(buffer, cancellationToken);

    public override int Read(Span<byte> buffer)
    {
        if (start == end)
        {
            Received(connection.Read(Room()));
        }

        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        answered = 0;
        return connection.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        answered = 0;
        connection.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => connection.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Received(await connection.ReadAsync(Room(), cancellationToken));

        // What has come is handed on after the moment, so that the next read finds more. An end is told at once: a connection that the server has closed
        // must not look as if it could take another request. Behind what ends a chunked answer nothing more comes.
        if (answered > Short && end is > 0 and <= Small && !piece.AsSpan(0, end).EndsWith(LastChunk))
        {
            await pause(cancellationToken);
        }

        return Take(buffer.Span);
    }

    private byte[] Room() => piece.Length == 0 ? piece = new byte[Piece] : piece;

    private void Received(int count)
    {
        (start, end) = (0, count);
        answered += count;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(end - start, buffer.Length);
        piece.AsSpan(start, count).CopyTo(buffer);
        start += count;
        return count;
    }
}
