using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// The body of a write of one document whose attachments' data is held in a file: its JSON, then the bytes of each, as replication sends them
/// (multipart/related). Inside JSON, CouchDB would need several times their size in memory.
/// </summary>
internal sealed class HeldDocumentContent : MovingContent
{
    private readonly string boundary = Guid.NewGuid().ToString("N");
    private readonly byte[] head;
    private readonly byte[] between;
    private readonly byte[] tail;
    private readonly IReadOnlyList<HeldAttachment> parts;

    public HeldDocumentContent(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held)
    {
        head = [.. Encoding.ASCII.GetBytes($"--{boundary}\r\nContent-Type: application/json\r\n\r\n"), .. HeldText.Following(document, held).Utf8.Span];
        between = Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\n\r\n");
        tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--");
        parts = HeldText.InOrder(document, held);
        Headers.ContentType = MediaTypeHeaderValue.Parse(string.Create(CultureInfo.InvariantCulture, $"multipart/related; boundary=\"{boundary}\""));
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(head, cancellationToken);
        foreach (var part in parts)
        {
            await stream.WriteAsync(between, cancellationToken);
            await foreach (var piece in part.Bytes.ReadAsync(cancellationToken))
            {
                await stream.WriteAsync(piece, cancellationToken);
                Moved?.Invoke();
            }
        }

        await stream.WriteAsync(tail, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = head.Length + tail.Length + parts.Sum(part => between.Length + part.Length);
        return true;
    }
}
