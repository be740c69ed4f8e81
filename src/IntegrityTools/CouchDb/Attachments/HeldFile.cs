using System.Security.Cryptography;
using IntegrityTools.Model;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>A file without a name for the bytes of attachments that are too large for memory; it goes with its last use, or with the process.</summary>
/// <param name="keeps">False to take only their lengths and digests, where nobody wants the bytes.</param>
internal sealed class HeldFile(bool keeps = true) : IDisposable
{
#pragma warning disable CA5351 // CouchDB names attachments by MD5: a digest, no protection.
    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private readonly IncrementalHash sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileStream? file;
    private long start;
    private long length;

    /// <summary>Where they are read.</summary>
    public SafeFileHandle Handle => (file ?? throw new InvalidOperationException("The bytes of this attachment were not kept.")).SafeFileHandle;

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
            this, start, length - start, "md5-" + Convert.ToBase64String(md5.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
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
    }
}
