using System.Net;
using System.Net.Http.Headers;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>The body of a bulk write: the documents' bytes as they are, never parsed.</summary>
internal sealed class RawDocumentsContent : MovingContent
{
    private const int Piece = 64 * 1024;
    private readonly IReadOnlyList<RawJson> documents;
    private readonly byte[] head;

    public RawDocumentsContent(IReadOnlyList<RawJson> documents, bool newEdits)
    {
        this.documents = documents;
        head = Head(newEdits);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>What stands behind the documents.</summary>
    public static ReadOnlyMemory<byte> Tail { get; } = "]}"u8.ToArray();

    /// <summary>What stands before the documents.</summary>
    public static byte[] Head(bool newEdits) => newEdits ? "{\"docs\":["u8.ToArray() : "{\"new_edits\":false,\"docs\":["u8.ToArray();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(head, cancellationToken);
        for (var index = 0; index < documents.Count; index++)
        {
            if (index > 0)
            {
                await stream.WriteAsync(","u8.ToArray(), cancellationToken);
            }

            for (var rest = documents[index].Utf8; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            {
                await stream.WriteAsync(rest[..Math.Min(Piece, rest.Length)], cancellationToken);
                Moved?.Invoke();
            }
        }

        await stream.WriteAsync(Tail, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = head.Length + Tail.Length + Math.Max(0, documents.Count - 1) + documents.Sum(document => (long)document.Utf8.Length);
        return true;
    }
}
