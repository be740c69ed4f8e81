using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>The leaf feed in rounds, each of which ends where the server has named a sequence. A feed that breaks goes on from there.</summary>
internal sealed class BackupFeed(CouchClient client, string? since, int roundSize) : IAsyncDisposable
{
    private readonly List<LeafEntry> rows = [];
    private Stream? stream;
    private LeafFeedReader? feed;

    /// <summary>True when the feed broke and was opened again: what was edited meanwhile it may have listed twice.</summary>
    public bool Broke { get; private set; }

    /// <summary>Reads the next round.</summary>
    public async Task<BackupRound> ReadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ;)
        {
            try
            {
                stream ??= await client.OpenChangesFeedAsync(since, cancellationToken).ConfigureAwait(false);
                feed ??= new LeafFeedReader(stream, everyRow: true);
                while (!feed.Completed && rows.Count - feed.RowsSinceSequence < roundSize)
                {
                    await feed.ReadAsync(rows, cancellationToken).ConfigureAwait(false);
                }

                // Rows behind the last named sequence would be listed again by a feed that goes on from it.
                var count = rows.Count - (int)feed.RowsSinceSequence;
                since = feed.Sequence ?? since;
                var round = new BackupRound(feed.Completed ? [.. rows] : rows.GetRange(0, count), since, feed.Completed);
                rows.RemoveRange(0, round.Documents.Count);
                return round;
            }
            catch (Exception exception) when (CouchErrors.IsTransient(exception))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Broke = true;
                rows.Clear();
                await CloseAsync().ConfigureAwait(false);
                await client.PauseAsync("Reading the changes feed", attempt++, exception, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private async ValueTask CloseAsync()
    {
        if (stream is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        stream = null;
        feed = null;
    }
}
