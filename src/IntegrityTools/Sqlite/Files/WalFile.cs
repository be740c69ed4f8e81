using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Files;

/// <summary>
/// What a write-ahead log holds, read frame by frame without SQLite, which stops at the first wrong frame and says nothing. A frame's
/// checksum goes on from the one before it, so the frames after a damaged one still prove each other.
/// </summary>
internal sealed class WalFile
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;

    private WalFile()
    { }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; private init; }

    /// <summary>False when the first 32 bytes are not a log's, or their checksum is wrong.</summary>
    public bool HasRightHeader { get; private init; }

    /// <summary>Bytes in a page, by the header; where that is wrong, the database's.</summary>
    public int PageSize { get; private init; }

    /// <summary>Frames that count for SQLite: whole, right, and followed by a commit.</summary>
    public long CommittedFrames { get; private set; }

    /// <summary>Commits among them.</summary>
    public long Commits { get; private set; }

    /// <summary>Right frames after the last commit: a transaction that was cut off.</summary>
    public long UncommittedFrames { get; private set; }

    /// <summary>The first frame that is wrong and is followed by commits of the same run, counted from 1; 0: none.</summary>
    public long DamagedFrame { get; private set; }

    /// <summary>Commits behind <see cref="DamagedFrame"/>, which SQLite does not see.</summary>
    public long LostCommits { get; private set; }

    /// <summary>Pages in the database after the last commit; 0 when there is none.</summary>
    public uint PagesAfter { get; private set; }

    /// <summary>Where in the log the newest committed content of a page stands.</summary>
    public Dictionary<uint, long> Pages { get; } = [];

    /// <summary>The header of the last committed page 1; null when the log holds none.</summary>
    public DatabaseHeader? Header { get; private set; }

    /// <summary>Reads a log; null when there is none, or an empty one.</summary>
    /// <param name="path">The log.</param>
    /// <param name="pageSize">The database's page size, for a log whose own header is wrong.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static WalFile? Read(string path, int pageSize, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = DatabaseFiles.Open(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        using (file)
        {
            var header = new byte[HeaderLength];
            if (file.Length == 0 || file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
            {
                return file.Length == 0 ? null : new WalFile { Length = file.Length, PageSize = pageSize };
            }

            var magic = Number(header, 0);
            var size = Number(header, 8);
            var sum = Checksum(default, header.AsSpan(0, 24), (magic & 1) != 0);
            var right = (magic & ~1u) == Magic && size is >= 512 and <= 65536 && uint.IsPow2(size) && sum == (Number(header, 24), Number(header, 28));
            var wal = new WalFile { Length = file.Length, HasRightHeader = right, PageSize = right ? (int)size : pageSize };
            if (wal.PageSize > 0)
            {
                wal.ReadFrames(file, right ? header : null, sum, (magic & 1) != 0, cancellationToken);
            }

            return wal;
        }
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    private static (uint First, uint Second) Checksum((uint First, uint Second) seed, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = seed;
        for (var at = 0; at + 8 <= bytes.Length; at += 8)
        {
            var one = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            var two = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            first += one + second;
            second += two + first;
        }

        return (first, second);
    }

    private void ReadFrames(FileStream file, byte[]? header, (uint First, uint Second) seed, bool bigEndian, CancellationToken cancellationToken)
    {
        var frame = new byte[FrameHeaderLength + PageSize];
        var salts = header?[16..24];
        var pending = new Dictionary<uint, long>();
        DatabaseHeader? pendingHeader = null;
        var broken = header is null ? 1L : 0;
        for (var number = 1L; file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            salts ??= frame[8..16];
            if (!frame.AsSpan(8, 8).SequenceEqual(salts))
            {
                // Left over from before the log was begun anew; what follows is older still.
                break;
            }

            var (page, commit) = (Number(frame, 0), Number(frame, 4));
            var sum = Checksum(Checksum(seed, frame.AsSpan(0, 8), bigEndian), frame.AsSpan(FrameHeaderLength), bigEndian);
            seed = (Number(frame, 16), Number(frame, 20));
            var right = page > 0 && sum == seed;
            if (!right && broken == 0)
            {
                broken = number;
            }

            if (broken > 0)
            {
                if (right && commit > 0)
                {
                    LostCommits++;
                    DamagedFrame = broken;
                }

                continue;
            }

            pending[page] = file.Position - PageSize;
            pendingHeader = page == 1 ? DatabaseHeader.Parse(frame.AsSpan(FrameHeaderLength)) : pendingHeader;
            UncommittedFrames++;
            if (commit > 0)
            {
                foreach (var (key, at) in pending)
                {
                    Pages[key] = at;
                }

                pending.Clear();
                Header = pendingHeader ?? Header;
                CommittedFrames = number;
                Commits++;
                PagesAfter = commit;
                UncommittedFrames = 0;
            }
        }
    }
}
