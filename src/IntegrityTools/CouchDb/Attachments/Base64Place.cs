using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>Bytes that stand as base64 in a dump, read where they stand; good as long as the dump is open.</summary>
/// <param name="file">The dump, not compressed.</param>
/// <param name="offset">Where the text begins, behind its quote.</param>
/// <param name="length">How long the text is.</param>
internal sealed class Base64Place(SafeFileHandle file, long offset, long length) : IHeldBytes
{
    private const int Piece = 64 * 1024;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[Piece];
        var bytes = new ArrayBufferWriter<byte>(Piece);
        var text = new Base64Text(piece => bytes.Write(piece));
        for (var done = 0L; done < length;)
        {
            var count = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(Piece, length - done)), offset + done, cancellationToken).ConfigureAwait(false);
            done += count > 0 ? count : throw new EndOfStreamException("A dump was cut while it was read.");
            text.Append(buffer.AsSpan(0, count));
            yield return bytes.WrittenMemory;
            bytes.ResetWrittenCount();
        }

        text.End();
        yield return bytes.WrittenMemory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The dump belongs to whoever reads it.
    }
}
