namespace IntegrityTools.CouchDb.Client;

/// <summary>Reads from another stream and gives up when no byte arrives for a while: a feed may be long, but not silent.</summary>
internal sealed class StallGuardStream(Stream inner, TimeSpan timeout) : ForwardStream
{
    // Not by disposing of the stream: that would empty the answer and hand its connection to another request while a read is still pending on it.
    private readonly CancellationTokenSource stop = new();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var pending = inner.ReadAsync(buffer, stop.Token);
        if (pending.IsCompletedSuccessfully)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return pending.Result;
        }

        return await WaitAsync(pending, cancellationToken);
    }

    private async Task<int> WaitAsync(ValueTask<int> pending, CancellationToken cancellationToken)
    {
        stop.CancelAfter(timeout);
        using var onCancel = cancellationToken.Register(static source => ((CancellationTokenSource)source!).Cancel(), stop);
        try
        {
            return await pending;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (Exception exception) when (stop.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new IOException($"no byte arrived for {timeout.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            stop.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            stop.Dispose();
        }

        base.Dispose(disposing);
    }
}
