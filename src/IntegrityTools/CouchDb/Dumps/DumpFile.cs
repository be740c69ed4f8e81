using System.IO.Compression;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>The forms in which a dump may lie in a file.</summary>
internal static class DumpFile
{
    /// <summary>Opens a dump: gzip, known by its first bytes and in any number of members, or plain; what <c>_all_docs</c> answers becomes one on the way.</summary>
    public static Stream Uncompress(FileStream file)
    {
        Span<byte> magic = stackalloc byte[64];
        var count = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (count < 2 || magic[0] != 0x1f || magic[1] != 0x8b)
        {
            return AllDocsStream.Is(magic[..count]) ? new AllDocsStream(file, file.Name) : file;
        }

        var answer = false;
        try
        {
            using var look = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            answer = AllDocsStream.Is(magic[..look.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)]);
        }
        catch (InvalidDataException)
        {
            // Whoever reads it is told at the place of the damage.
        }

        file.Position = 0;
        var unpacked = new GzipContent(file);
        return answer ? new AllDocsStream(unpacked, file.Name) : unpacked;
    }
}
