using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Reads documents ahead of those that look at them, a few hundred KiB at most: the store is kept busy while documents are examined.</summary>
internal static class DocumentsAhead
{
    // With its room to grow a batch stays below what the collector treats as large.
    private const int BatchBytes = 56 << 10;
    private const int Room = 80_000;
    private const int BatchesAhead = 4;

    /// <summary>The same documents in the same order; a body is good until the next one is asked for.</summary>
    public static async IAsyncEnumerable<DocumentBody> ReadAsync(IAsyncEnumerable<DocumentBody> documents, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => FillAsync(documents, batches.Writer, enough.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var (id, start, length) in batch.Places)
                {
                    yield return new DocumentBody(id, batch.Bytes.WrittenMemory.Slice(start, length));
                }
            }
        }
        finally
        {
            // Whoever stops early does not leave a reader behind; what the reader threw has come through the channel.
            await enough.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
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
