using System.Security.Cryptography;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Digests of files and of their beginnings.</summary>
internal static class FileDigest
{
    private const int BufferSize = 1 << 20;

    /// <summary>The whole file.</summary>
    /// <exception cref="IntegrityException">It is not there, or cannot be read.</exception>
    public static async Task<WrittenFile> OfAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = Open(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[BufferSize];
            var length = 0L;
            for (int count; (count = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; length += count)
            {
                hash.AppendData(buffer, 0, count);
            }

            return new WrittenFile(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, $"There is no file '{path}'.", path, "Check the path.", exception);
        }
    }

    /// <summary>Copies the first bytes of a file into another and returns their SHA-256, hex.</summary>
    public static async Task<string> CopyAsync(string from, long length, Stream to, CancellationToken cancellationToken)
    {
        await using var file = Open(from);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        while (length > 0)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new EndOfStreamException($"{from} is shorter than it was.");
            }

            hash.AppendData(buffer, 0, count);
            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            length -= count;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
}
