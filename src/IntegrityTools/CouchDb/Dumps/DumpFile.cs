using System.IO.Compression;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>The forms in which a dump may lie in a file.</summary>
internal static class DumpFile
{
    private const int HeaderBytes = 1024;

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <summary>Opens a dump: gzip, known by its first bytes and in any number of members, or plain; what <c>_all_docs</c> answers becomes one on the way.</summary>
    public static Stream Uncompress(FileStream file)
    {
        Span<byte> magic = stackalloc byte[64];
        var count = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (!magic[..count].StartsWith(GzipMagic))
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

    /// <summary>True when a file holds the winner of each document and no other leaf: an answer of <c>_all_docs</c>, and what couchbackup writes in its mode shallow.</summary>
    public static bool HoldsWinnersOnly(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> beginning = stackalloc byte[HeaderBytes];
            var count = file.ReadAtLeast(beginning, HeaderBytes, throwOnEndOfStream: false);
            if (beginning.StartsWith(GzipMagic))
            {
                file.Position = 0;
                using var look = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
                count = look.ReadAtLeast(beginning, HeaderBytes, throwOnEndOfStream: false);
            }

            return AllDocsStream.Is(beginning[..count]) || IsShallow(beginning[..count]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
        {
            // Whoever reads it is told.
            return false;
        }
    }

    /// <summary>True when a document says that it has other live leaves.</summary>
    public static bool NamesConflicts(ReadOnlySpan<byte> document)
    {
        if (document.IndexOf("\"_conflicts\""u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(document, JsonLimits.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("_conflicts"u8))
            {
                return reader.Read() && reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool IsShallow(ReadOnlySpan<byte> beginning)
    {
        var from = beginning.IndexOf((byte)'{');
        var end = beginning.IndexOf((byte)'\n');
        if (from < 0 || end < from || beginning[..from].Contains((byte)'['))
        {
            return false;
        }

        var reader = new Utf8JsonReader(beginning[from..end]);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var mode = reader.ValueTextEquals("mode"u8);
            reader.Skip();
            if (mode)
            {
                return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("shallow"u8);
            }
        }

        return false;
    }
}
