using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Files;

/// <summary>A rollback journal: the old content of the pages that a transaction was changing.</summary>
/// <param name="Records">Pages that it holds, by its header; -1: as many as fit.</param>
/// <param name="PagesBefore">Pages in the database before the transaction.</param>
/// <param name="PageSize">Bytes in a page.</param>
internal sealed record RollbackJournal(int Records, uint PagesBefore, uint PageSize)
{
    private static ReadOnlySpan<byte> Magic => [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

    /// <summary>Reads a journal; null when there is none, or one whose header was wiped: that one is over and done with.</summary>
    public static RollbackJournal? Read(string path)
    {
        try
        {
            Span<byte> header = stackalloc byte[28];
            using var file = DatabaseFiles.Open(path);
            return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header.StartsWith(Magic)
                ? new RollbackJournal(
                    BinaryPrimitives.ReadInt32BigEndian(header[8..]),
                    BinaryPrimitives.ReadUInt32BigEndian(header[16..]),
                    BinaryPrimitives.ReadUInt32BigEndian(header[24..]))
                : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
