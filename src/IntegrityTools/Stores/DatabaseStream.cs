using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Stores;

/// <summary>A database's file, opened by <see cref="DatabaseHandles"/> to be read: its disposal gives the handle back rather than closing it.</summary>
/// <param name="handle">The handle.</param>
/// <param name="giveBack">Gives it back.</param>
internal sealed class DatabaseStream(SafeFileHandle handle, Action giveBack) : Stream
{
    private Action? giveBack = giveBack;

    /// <summary>The handle, for reading at any place; never to be closed.</summary>
    public SafeFileHandle Handle => handle;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => RandomAccess.GetLength(handle);

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(handle, buffer, Position);
        Position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await RandomAccess.ReadAsync(handle, buffer, Position, cancellationToken).ConfigureAwait(false);
        Position += count;
        return count;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Current => Position,
        SeekOrigin.End => Length,
        _ => 0,
    };

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Interlocked.Exchange(ref giveBack, null)?.Invoke();
        base.Dispose(disposing);
    }
}
