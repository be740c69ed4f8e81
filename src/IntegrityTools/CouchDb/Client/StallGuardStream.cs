namespace IntegrityTools.CouchDb.Client;

/// <summary>Reads from another stream and gives up when no byte arrives for a while: a feed may be long, but not silent.</summary>
internal sealed class StallGuardStream(Stream inner, TimeSpan timeout) : Stream
{
    private CancellationTokenSource stall = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var pending = inner.ReadAsync(buffer, CancellationToken.None);
        if (pending.IsCompletedSuccessfully)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return pending.Result;
        }

        return await WaitAsync(pending, cancellationToken);
    }

    private async Task<int> WaitAsync(ValueTask<int> pending, CancellationToken cancellationToken)
    {
        if (!stall.TryReset())
        {
            stall.Dispose();
            stall = new CancellationTokenSource();
        }

        stall.CancelAfter(timeout);
        var lost = false;

        // Closing the stream is what ends a pending read at once, on a cancel as on a stall.
        using var onCancel = cancellationToken.Register(static stream => ((Stream)stream!).Dispose(), inner);
        using var onStall = stall.Token.Register(() =>
        {
            lost = true;
            inner.Dispose();
        });
        try
        {
            return await pending;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (lost && exception is not OutOfMemoryException)
        {
            throw new IOException($"no byte arrived for {timeout.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            stall.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stall.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
