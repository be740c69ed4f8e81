using System.Threading.Channels;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>
/// Gathers ids into full requests, which cost the server half of what small ones do; where conflicts are rare, those found are handed on after a
/// moment without waiting for more. What was added has been handed on when it is disposed after a flush.
/// </summary>
internal sealed class CandidateBatches : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ChannelWriter<CandidateBatch> output;
    private readonly SettledFeed settled;
    private readonly int size;
    private readonly PeriodicTimer timer;
    private readonly Task flushing;
    private CandidateBatch batch;

    /// <summary>Begins.</summary>
    /// <param name="output">Where batches go.</param>
    /// <param name="settled">Told of each batch that is begun.</param>
    /// <param name="size">Ids in a full one.</param>
    /// <param name="patience">How long an id waits for others, at most.</param>
    /// <param name="cancellationToken">Cancels what waits for the output.</param>
    public CandidateBatches(ChannelWriter<CandidateBatch> output, SettledFeed settled, int size, TimeSpan patience, CancellationToken cancellationToken)
    {
        this.output = output;
        this.settled = settled;
        this.size = size;
        batch = new CandidateBatch(size);
        timer = new PeriodicTimer(patience);
        flushing = FlushRegularlyAsync(cancellationToken);
    }

    /// <summary>Adds an id; hands on a batch that is full, and waits while too many are waiting.</summary>
    public Task AddAsync(string id, CancellationToken cancellationToken) => HandOnAsync(id, size, cancellationToken);

    /// <summary>Hands on what is there.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => HandOnAsync(null, 1, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Ends the loop between two turns: a batch on its way to the output is not called back.
        timer.Dispose();
        await flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        gate.Dispose();
    }

    private async Task FlushRegularlyAsync(CancellationToken cancellationToken)
    {
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await FlushAsync(cancellationToken);
        }
    }

    private async Task HandOnAsync(string? id, int least, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (id is not null)
            {
                if (batch.Ids.Count == 0)
                {
                    settled.Begin(batch);
                }

                batch.Ids.Add(id);
            }

            if (batch.Ids.Count >= least)
            {
                await output.WriteAsync(batch, cancellationToken);
                batch = new CandidateBatch(size);
            }
        }
        finally
        {
            gate.Release();
        }
    }
}
