using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace IntegrityTools.CouchDb;

/// <summary>Reads documents ahead of those that look at them, a few hundred KiB at most: the store is kept busy while documents are examined.</summary>
internal sealed class DocumentsAhead : IAsyncDisposable
{
    // With its room to grow a batch stays below what the collector treats as large.
    private const int BatchBytes = 56 << 10;
    private const int Room = 80_000;
    private const int BatchesAhead = 4;

    private readonly Channel<Batch> batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource enough;
    private readonly Task reading;

    /// <summary>Begins to read.</summary>
    /// <param name="documents">What is read, once.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public DocumentsAhead(IAsyncEnumerable<DocumentBody> documents, CancellationToken cancellationToken)
    {
        enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        reading = Task.Run(() => FillAsync(documents, batches.Writer, enough.Token), CancellationToken.None);
    }

    /// <summary>The same documents in the same order, once; a body is good until the next one is asked for.</summary>
    public async IAsyncEnumerable<DocumentBody> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var (id, start, length) in batch.Places)
            {
                yield return new DocumentBody(id, batch.Bytes.WrittenMemory.Slice(start, length));
            }
        }
    }

    /// <summary>Ends the reading: whoever stops early does not leave a reader behind. What the reader threw has come with the documents.</summary>
    public async ValueTask DisposeAsync()
    {
        await enough.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        enough.Dispose();
    }

    private static async Task FillAsync(IAsyncEnumerable<DocumentBody> documents, ChannelWriter<Batch> writer, CancellationToken cancellationToken)
    {
        try
        {
            var batch = new Batch();
            await foreach (var document in documents.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                batch.Places.Add((document.Id, batch.Bytes.WrittenCount, document.Utf8.Length));
                batch.Bytes.Write(document.Utf8.Span);
                if (batch.Bytes.WrittenCount >= BatchBytes)
                {
                    await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    batch = new Batch();
                }
            }

            await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            writer.Complete();
        }
        catch (Exception exception)
        {
            writer.Complete(exception);
        }
    }

    private sealed class Batch
    {
        public ArrayBufferWriter<byte> Bytes { get; } = new(Room);

        public List<(string Id, int Start, int Length)> Places { get; } = [];
    }
}
