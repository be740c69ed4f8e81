using System.Net;
using System.Net.Http.Headers;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>The body of a bulk write of one document whose attachments' data is held in a file, as base64: for servers that are not known to take them beside it.</summary>
internal sealed class InlineDocumentContent : MovingContent
{
    private readonly byte[] head;
    private readonly RawJson document;
    private readonly IReadOnlyDictionary<string, HeldAttachment> held;

    public InlineDocumentContent(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held, bool newEdits)
    {
        (this.document, this.held) = (document, held);
        head = RawDocumentsContent.Head(newEdits);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(head, cancellationToken);
        await foreach (var piece in HeldText.InlineAsync(document, held, cancellationToken))
        {
            await stream.WriteAsync(piece, cancellationToken);
            Moved?.Invoke();
        }

        await stream.WriteAsync(RawDocumentsContent.Tail, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = head.Length + RawDocumentsContent.Tail.Length + HeldText.InlineLength(document, held);
        return true;
    }
}
