using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>One attachment whose bytes are outside memory.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Digest">Their MD5 as CouchDB writes it, <c>md5-…</c>.</param>
/// <param name="Sha256">Their SHA-256, hex.</param>
internal sealed record HeldAttachment(IHeldBytes Bytes, long Length, string Digest, string Sha256)
{
    /// <summary>None.</summary>
    public static IReadOnlyDictionary<string, HeldAttachment> None { get; } = new Dictionary<string, HeldAttachment>();

    /// <summary>Frees the bytes of a document's attachments.</summary>
    public static void Release(IReadOnlyDictionary<string, HeldAttachment> held)
    {
        foreach (var attachment in held.Values)
        {
            attachment.Bytes.Dispose();
        }
    }

    /// <summary>How long they are as base64.</summary>
    public long Base64Length => (Length + 2) / 3 * 4;

    /// <summary>The bytes as base64, in pieces, each good until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBase64Async([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = Array.Empty<byte>();
        await foreach (var piece in Bytes.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var most = Base64.GetMaxEncodedToUtf8Length(piece.Length);
            text = text.Length < most ? new byte[most] : text;
            Base64.EncodeToUtf8(piece.Span, text, out _, out var written);
            yield return text.AsMemory(0, written);
        }
    }
}
