using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>A file without a name for the bytes of attachments that are too large for memory; it goes with its last use, or with the process.</summary>
/// <param name="keeps">False to take only their lengths and digests, where nobody wants the bytes, or they can be read again.</param>
/// <param name="gone">Called when it is disposed of.</param>
internal sealed class HeldFile(bool keeps = true, Action<HeldFile>? gone = null) : IDisposable
{
#pragma warning disable CA5351 // CouchDB names attachments by MD5: a digest, no protection.
    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private readonly IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileStream? file;
    private long start;
    private long length;

    /// <summary>Begins an attachment; what was begun before and not ended is forgotten.</summary>
    public void Begin()
    {
        length = start;
        md5.GetHashAndReset();
        sha256.GetHashAndReset();
    }

    /// <summary>Adds bytes to it.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.OperationFailed"/>: the temporary folder takes no more.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        md5.AppendData(bytes);
        sha256.AppendData(bytes);
        if (keeps)
        {
            Write(bytes);
        }

        length += bytes.Length;
    }

    /// <summary>Ends it.</summary>
    public HeldAttachment End()
    {
        file ??= keeps ? UnnamedFile.Create() : null;
        var held = new HeldAttachment(
            new Part(this, start, length - start), length - start, "md5-" + Convert.ToBase64String(md5.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
        start = length;
        return held;
    }

    // Not an IOException, which would look as if the connection had failed.
    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            file ??= UnnamedFile.Create();
            RandomAccess.Write(file.SafeFileHandle, bytes, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed, $"An attachment does not fit into the folder for temporary files: {exception.Message}", Path.GetTempPath(),
                "Make room there for the largest document, or name another folder with TMPDIR (Windows: TMP), then run the command again.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file?.Dispose();
        md5.Dispose();
        sha256.Dispose();
        gone?.Invoke(this);
    }

    /// <summary>Where the bytes of one attachment are.</summary>
    private sealed class Part(HeldFile owner, long offset, long length) : IHeldBytes
    {
        private const int Piece = 48 * 1024;

        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var handle = (owner.file ?? throw new InvalidOperationException("The bytes of this attachment were not kept.")).SafeFileHandle;
            var buffer = new byte[Piece];
            for (var done = 0L; done < length;)
            {
                var wanted = (int)Math.Min(Piece, length - done);
                for (var read = 0; read < wanted;)
                {
                    var count = await RandomAccess.ReadAsync(handle, buffer.AsMemory(read, wanted - read), offset + done + read, cancellationToken).ConfigureAwait(false);
                    read += count > 0 ? count : throw new EndOfStreamException("A temporary file was cut while it was read.");
                }

                done += wanted;
                yield return buffer.AsMemory(0, wanted);
            }
        }

        public void Dispose() => owner.Dispose();
    }
}
