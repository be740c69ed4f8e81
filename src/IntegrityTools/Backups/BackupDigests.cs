using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>Digests of a backup's files: of the whole, and of blocks, so that damage has a place.</summary>
internal static class BackupDigests
{
    private const int LeastBlock = 64 << 10;
    private const int MostBlocks = 4096;
    private const int HexPerBlock = 16;

    /// <summary>Reads a file once and describes it, on a thread that gives way to the application's.</summary>
    public static Task<BackupFile> DescribeAsync(string path, string role, CancellationToken cancellationToken) =>
        QuietThread.RunAsync(() => Describe(path, role, cancellationToken));

    /// <summary>What is wrong with a file; null when it is as it was written. Reads it there, too.</summary>
    public static Task<BackupFault?> CompareAsync(string folder, BackupFile written, CancellationToken cancellationToken) =>
        QuietThread.RunAsync(() => Compare(folder, written, cancellationToken));

    private static BackupFile Describe(string path, string role, CancellationToken cancellationToken)
    {
        var blockSize = LeastBlock;
        while (new FileInfo(path).Length / blockSize >= MostBlocks)
        {
            blockSize *= 2;
        }

        var (length, sha256, blocks) = Read(path, blockSize, inBlocks: true, cancellationToken);
        return new BackupFile { Name = Path.GetFileName(path), Role = role, Length = length, Sha256 = sha256, BlockSize = blockSize, Blocks = blocks };
    }

    private static BackupFault? Compare(string folder, BackupFile written, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, written.Name);
        try
        {
            if (Read(path, LeastBlock, inBlocks: false, cancellationToken).Sha256 == written.Sha256)
            {
                return null;
            }

            var (length, _, blocks) = Read(path, (int)Math.Min(written.BlockSize, Math.Max(LeastBlock, new FileInfo(path).Length)), inBlocks: true, cancellationToken);
            return new BackupFault(path, PlaceOf(written, length, blocks), Difference(written, length));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new BackupFault(path, null, $"It cannot be read: {exception.Message}");
        }
    }

    private static string Difference(BackupFile written, long length) => length == written.Length
        ? "Its bytes are not the ones that were written."
        : string.Create(CultureInfo.InvariantCulture, $"It is {length} bytes long, and was written with {written.Length}.");

    private static string PlaceOf(BackupFile written, long length, string blocks)
    {
        var same = 0;
        while (same < Math.Min(blocks.Length, written.Blocks.Length)
            && string.CompareOrdinal(blocks, same, written.Blocks, same, HexPerBlock) == 0)
        {
            same += HexPerBlock;
        }

        var from = (long)(same / HexPerBlock) * written.BlockSize;
        var to = Math.Min(from + written.BlockSize, Math.Max(length, written.Length));
        return string.Create(CultureInfo.InvariantCulture, $"bytes {Math.Min(from, length)} to {to}");
    }

    private static (long Length, string Sha256, string Blocks) Read(string path, int blockSize, bool inBlocks, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[blockSize];
        var blocks = new StringBuilder();
        var length = 0L;
        for (int count; (count = file.ReadAtLeast(buffer, blockSize, throwOnEndOfStream: false)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            length += count;
            whole.AppendData(buffer, 0, count);
            if (inBlocks)
            {
                blocks.Append(Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, count)).AsSpan(0, HexPerBlock / 2)));
            }
        }

        return (length, Convert.ToHexStringLower(whole.GetHashAndReset()), blocks.ToString());
    }
}
