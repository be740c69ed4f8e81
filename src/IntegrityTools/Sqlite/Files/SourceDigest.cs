using System.Security.Cryptography;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Files;

/// <summary>What a database is, byte for byte: the digest of its file, its log and its journal, one after the other.</summary>
internal static class SourceDigest
{
    private const int BufferLength = 1 << 18;

    /// <summary>Reads the files.</summary>
    /// <exception cref="IntegrityException">There is no such database.</exception>
    public static FilePrecondition Of(string path, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferLength];
        var length = 0L;
        foreach (var part in new[] { files.Path, files.Wal, files.Journal }.Where(File.Exists))
        {
            using var file = DatabaseFiles.Open(part);
            for (var count = file.Read(buffer); count > 0; count = file.Read(buffer))
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                length += count;
            }
        }

        return new FilePrecondition(Convert.ToHexStringLower(hash.GetHashAndReset()), length);
    }
}
