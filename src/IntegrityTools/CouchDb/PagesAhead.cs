using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb;

/// <summary>
/// Reads a long list of documents in pages, several at one time, and gives the documents in the list's order. CouchDB makes one answer in one process:
/// several of them keep its processors busy, and four are read in two thirds of the time of one.
/// </summary>
/// <param name="client">The database.</param>
/// <param name="read">Reads the documents of a range with their bodies.</param>
internal sealed class PagesAhead(CouchClient client, Func<DocumentRange, IAsyncEnumerable<DocumentBody>> read)
{
    /// <summary>How many documents a page has.</summary>
    public const int PageSize = 1000;

    // With one more request the pages are found.
    private const int Lanes = 4;

    /// <summary>True when the server may be asked for several pages at a time: where requests are bounded, they are better spent on the list itself.</summary>
    public bool IsAllowed => client.IsCouchDb && client.Options.PageSize is null;

    /// <summary>The documents of a range in their order, with their bodies; a body is good until the next one is asked for.</summary>
    public async IAsyncEnumerable<DocumentBody> ReadAsync(DocumentRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pages = new Queue<DocumentsAhead>();
        var next = client.FindDocumentAsync(range, PageSize, enough.Token);
        try
        {
            for (var found = false; !found || pages.Count > 0;)
            {
                while (!found && pages.Count < Lanes)
                {
                    var end = await next;
                    pages.Enqueue(new DocumentsAhead(read(range with { Before = end ?? range.Before }), enough.Token));
                    found = end is null;
                    range = range with { From = end };
                    next = found ? next : client.FindDocumentAsync(range, PageSize, enough.Token);
                }

                await using var page = pages.Dequeue();
                await foreach (var document in page.ReadAsync(cancellationToken))
                {
                    yield return document;
                }
            }
        }
        finally
        {
            await enough.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var page in pages)
            {
                await page.DisposeAsync();
            }
        }
    }
}
