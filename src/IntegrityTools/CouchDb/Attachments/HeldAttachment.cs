using System.Buffers.Text;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>The bytes of one attachment, outside memory.</summary>
/// <param name="File">Where they are.</param>
/// <param name="Offset">Where they begin there.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Digest">Their MD5 as CouchDB writes it, <c>md5-…</c>.</param>
/// <param name="Sha256">Their SHA-256, hex.</param>
internal sealed record HeldAttachment(HeldFile File, long Offset, long Length, string Digest, string Sha256)
{
    // A multiple of 3, so that base64 has no padding before its end.
    private const int Piece = 48 * 1024;

    /// <summary>None.</summary>
    public static IReadOnlyDictionary<string, HeldAttachment> None { get; } = new Dictionary<string, HeldAttachment>();

    /// <summary>How long they are as base64.</summary>
    public long Base64Length => (Length + 2) / 3 * 4;

    /// <summary>The bytes, in pieces, each good until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[Piece];
        for (var done = 0L; done < Length;)
        {
            var wanted = (int)Math.Min(Piece, Length - done);
            for (var read = 0; read < wanted;)
            {
                var count = await RandomAccess.ReadAsync(File.Handle, buffer.AsMemory(read, wanted - read), Offset + done + read, cancellationToken).ConfigureAwait(false);
                read += count > 0 ? count : throw new EndOfStreamException("A temporary file was cut while it was read.");
            }

            done += wanted;
            yield return buffer.AsMemory(0, wanted);
        }
    }

    /// <summary>The bytes as base64, in pieces, each good until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBase64Async([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(Piece)];
        await foreach (var piece in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Base64.EncodeToUtf8(piece.Span, text, out _, out var written);
            yield return text.AsMemory(0, written);
        }
    }
}
