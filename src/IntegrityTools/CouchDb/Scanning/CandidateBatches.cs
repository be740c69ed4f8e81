using System.Threading.Channels;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>
/// Gathers ids into full requests, which cost the server half of what small ones do; where conflicts are rare, those found are handed on after a
/// moment without waiting for more.
/// </summary>
internal sealed class CandidateBatches(ChannelWriter<IReadOnlyList<string>> output, int size) : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private List<string> batch = [];

    /// <summary>Adds an id; hands on a batch that is full, and waits while too many are waiting.</summary>
    public async Task AddAsync(string id, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            batch.Add(id);
            if (batch.Count >= size)
            {
                await HandOnAsync(cancellationToken);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Hands on what is there.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await HandOnAsync(cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Hands on what is there, again and again, until it is called off.</summary>
    public async Task FlushRegularlyAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The feed has ended.
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task HandOnAsync(CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            var full = batch;
            batch = new List<string>(size);
            await output.WriteAsync(full, cancellationToken);
        }
    }
}
