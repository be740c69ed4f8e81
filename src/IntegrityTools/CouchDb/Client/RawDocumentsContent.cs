using System.Net;
using System.Net.Http.Headers;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>The body of a bulk write: the documents' bytes as they are, never parsed.</summary>
internal sealed class RawDocumentsContent : HttpContent
{
    private const int Piece = 64 * 1024;
    private readonly IReadOnlyList<RawJson> documents;
    private readonly byte[] head;

    public RawDocumentsContent(IReadOnlyList<RawJson> documents, bool newEdits)
    {
        this.documents = documents;
        head = newEdits ? "{\"docs\":["u8.ToArray() : "{\"new_edits\":false,\"docs\":["u8.ToArray();
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>Called whenever a part of it was taken by the connection.</summary>
    public Action? Moved { get; set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(head);
        for (var index = 0; index < documents.Count; index++)
        {
            if (index > 0)
            {
                await stream.WriteAsync(","u8.ToArray());
            }

            for (var rest = documents[index].Utf8; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            {
                await stream.WriteAsync(rest[..Math.Min(Piece, rest.Length)]);
                Moved?.Invoke();
            }
        }

        await stream.WriteAsync("]}"u8.ToArray());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = head.Length + 2 + Math.Max(0, documents.Count - 1) + documents.Sum(document => (long)document.Utf8.Length);
        return true;
    }
}
