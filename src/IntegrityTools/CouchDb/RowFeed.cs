using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb;

/// <summary>Reads rows of documents that the server streams, in one answer or page by page, and opens the stream again where it breaks.</summary>
internal static class RowFeed
{
    /// <summary>The rows that are taken, each once.</summary>
    /// <param name="client">The database, which waits between two attempts and gives up in the end.</param>
    /// <param name="open">Opens the stream, after a break or a page from where the caller wants it.</param>
    /// <param name="bodies">True when the rows hold bodies.</param>
    /// <param name="take">Tells whether a row is given on; one that is counts as progress.</param>
    /// <param name="isPage">Tells of an answer that was read to its end whether another one follows.</param>
    /// <param name="what">What is being read, for errors.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async IAsyncEnumerable<DocumentBody> ReadAsync(
        CouchClient client, Func<Task<Stream>> open, bool bodies, Func<DocumentBody, bool> take, Func<AllDocsReader, bool> isPage, string what,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Exception? broken = null;
            var more = false;
            AllDocsReader? rows = null;
            var stream = Stream.Null;
            try
            {
                stream = await open();
                rows = new AllDocsReader(stream, bodies);
            }
            catch (Exception exception) when (CouchErrors.IsTransient(exception))
            {
                broken = exception;
            }

            await using (stream)
            {
                while (broken is null && !more)
                {
                    DocumentBody? row = null;
                    try
                    {
                        row = await rows!.ReadAsync(cancellationToken);
                    }
                    catch (Exception exception) when (CouchErrors.IsTransient(exception))
                    {
                        broken = exception;
                        break;
                    }

                    if (row is not { } document)
                    {
                        more = isPage(rows);
                        if (!more)
                        {
                            yield break;
                        }
                    }
                    else if (take(document))
                    {
                        attempt = 1;
                        yield return document;
                    }
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (broken is null)
            {
                attempt = 0;
                continue;
            }

            await client.PauseAsync(what, attempt, broken, cancellationToken);
        }
    }
}
