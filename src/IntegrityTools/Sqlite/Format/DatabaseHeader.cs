using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Format;

/// <summary>The first 100 bytes of a database file.</summary>
/// <param name="PageSize">Bytes a page, 512 to 65,536.</param>
/// <param name="Reserved">Bytes at the end of each page that belong to an extension.</param>
/// <param name="IsWal">Whether the file is in WAL mode: then SQLite looks into a -wal beside it.</param>
/// <param name="ChangeCounter">Grows with each transaction in rollback mode.</param>
/// <param name="PageCount">Pages in the file; 0 when an old library wrote it last.</param>
/// <param name="FreelistTrunk">The first trunk page of the freelist, or 0.</param>
/// <param name="FreelistCount">Pages on the freelist.</param>
/// <param name="LargestRoot">Not 0 in auto-vacuum files, which have pointer maps.</param>
/// <param name="Encoding">How text is stored.</param>
internal readonly record struct DatabaseHeader(
    int PageSize, int Reserved, bool IsWal, uint ChangeCounter, uint PageCount, uint FreelistTrunk, uint FreelistCount, uint LargestRoot, TextEncoding Encoding)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 100;

    /// <summary>Bytes of a page that the format uses.</summary>
    public int Usable => PageSize - Reserved;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>Reads it; false when it is none, or damaged where the rest depends on it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DatabaseHeader header)
    {
        header = default;
        if (bytes.Length < Length || !bytes[..16].SequenceEqual(Magic))
        {
            return false;
        }

        int size = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        size = size == 1 ? 65536 : size;
        if (size < 512 || (size & (size - 1)) != 0 || size - bytes[20] < 480 || bytes[21] != 64 || bytes[22] != 32 || bytes[23] != 32)
        {
            return false;
        }

        var encoding = BinaryPrimitives.ReadUInt32BigEndian(bytes[56..]);
        header = new DatabaseHeader(
            size,
            bytes[20],
            bytes[19] == 2,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[36..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[52..]),
            encoding is 2 or 3 ? (TextEncoding)encoding : TextEncoding.Utf8);
        return true;
    }
}
