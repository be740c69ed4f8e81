using System.Buffers.Binary;

namespace IntegrityTools.Sqlite.Format;

/// <summary>
/// What a write-ahead log holds, read frame by frame without SQLite, which stops at the first wrong frame and says nothing. A frame's
/// checksum goes on from the one before it, so the frames after a damaged one still prove each other.
/// </summary>
internal sealed class WalFile
{
    /// <summary>Bytes before the first frame.</summary>
    public const int HeaderLength = 32;

    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;

    private readonly Dictionary<uint, long> pages = [];

    private WalFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; private init; }

    /// <summary>False when the first 32 bytes are not a log's, or their checksum is wrong.</summary>
    public bool HasRightHeader { get; private init; }

    /// <summary>Bytes in a page, by the header; where that is wrong, the database's.</summary>
    public int PageSize { get; private init; }

    /// <summary>What tells this run of the log from those before it; 0 when the header is wrong.</summary>
    public ulong Salt { get; private init; }

    /// <summary>Commits that were taken.</summary>
    public long Commits { get; private set; }

    /// <summary>Right frames after the last commit: a transaction that was cut off.</summary>
    public long UncommittedFrames { get; private set; }

    /// <summary>The first frame of this run that is wrong, counted from 1; 0: none.</summary>
    public long DamagedFrame { get; private set; }

    /// <summary>Whole commits behind the first wrong frame: SQLite does not see them.</summary>
    public long LostCommits { get; private set; }

    /// <summary>Pages in the database after the last commit that was taken; 0 when there is none.</summary>
    public uint PagesAfter { get; private set; }

    // The same of the commits before the first wrong frame: whether a later one wrote page 1, the wrong frames may hide.
    private uint SoundPagesAfter { get; set; }

    /// <summary>Where in the log the newest content of a page stands, of the commits that were taken.</summary>
    public IReadOnlyDictionary<uint, long> Pages => pages;

    /// <summary>The header in the last page 1 that was taken; null when the log holds none.</summary>
    public DatabaseHeader? Header { get; private set; }

    /// <summary>Reads a log; null when there is none, or an empty one.</summary>
    /// <param name="path">The log.</param>
    /// <param name="pageSize">The database's page size, for a log whose own header is wrong; 0: not known.</param>
    /// <param name="everything">True to take what is behind a wrong frame, too, where it proves itself; false to take what SQLite takes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static WalFile? Read(string path, int pageSize, bool everything, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = Open(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        using (file)
        {
            var header = new byte[HeaderLength];
            if (file.Length == 0 || file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
            {
                return file.Length == 0 ? null : new WalFile(path) { Length = file.Length, PageSize = pageSize };
            }

            var magic = Number(header, 0);
            var size = Number(header, 8);
            var bigEndian = (magic & 1) != 0;
            var sum = Checksum(0, header.AsSpan(0, 24), bigEndian);
            var right = (magic & ~1u) == Magic && size is >= 512 and <= 65536 && uint.IsPow2(size) && sum == BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(24));
            var wal = new WalFile(path)
            {
                Length = file.Length,
                HasRightHeader = right,
                PageSize = right ? (int)size : pageSize,
                Salt = right ? BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(16)) : 0,
            };
            if (wal.PageSize > 0)
            {
                wal.ReadFrames(file, sum, bigEndian, everything, cancellationToken);
            }

            return wal;
        }
    }

    /// <summary>What tells the present run of a log from those before it; 0 when there is no log.</summary>
    public static ulong ReadSalt(string path)
    {
        try
        {
            using var file = Open(path);
            return ReadSalt(file, 16);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>The number in a log's header, or in the header of its index (https://sqlite.org/walformat.html, 2.1), that tells this run of the log from others; 0 when the file is too short.</summary>
    public static ulong ReadSalt(Stream file, int offset)
    {
        Span<byte> header = stackalloc byte[offset + sizeof(ulong)];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length ? BinaryPrimitives.ReadUInt64BigEndian(header[offset..]) : 0;
    }

    /// <summary>Whether nothing of the database's file stays once the log is applied: a VACUUM leaves such a log, and so may another database.</summary>
    /// <param name="database">The header in the database's file.</param>
    public bool ReplacesAll(DatabaseHeader database) => database.PageCount > 1 && PageSize == database.PageSize && ForeignCount.HoldsAll(database, PagesAfter, pages);

    /// <summary>Why the log cannot be this database's in its present state; null when nothing speaks against it.</summary>
    /// <param name="database">The header in the database's file.</param>
    /// <param name="length">Bytes in the database's file.</param>
    public string? WhyForeign(DatabaseHeader database, long length) =>
        !HasRightHeader ? null
        : PageSize != database.PageSize ? $"it has pages of {PageSize} bytes, and the database of {database.PageSize}"
        : !database.IsWal && Commits > 0 ? "the database is not in WAL mode"
        : ForeignCount.Of(database, length, SoundPagesAfter, pages) is { } counted ? counted
        : ForeignCount.OfSmaller(database, length, SoundPagesAfter, pages) is { } smaller ? smaller
        : Header is not { } inside ? null
        : database.TextEncoding is 1 or 2 or 3 && inside.TextEncoding != database.TextEncoding ? "it has another text encoding"
        : inside.ApplicationId != database.ApplicationId && database.ApplicationId != 0 ? "it is of another application"
        : inside.ChangeCounter < database.ChangeCounter ? $"its last change is number {inside.ChangeCounter}, and the database is at {database.ChangeCounter}"
        : inside.SchemaCookie < database.SchemaCookie ? $"its schema is number {inside.SchemaCookie}, and the database's {database.SchemaCookie}"
        : null;

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    private static uint Number(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    private static ulong Checksum(ulong seed, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var (first, second) = ((uint)(seed >> 32), (uint)seed);
        for (var at = 0; at + 8 <= bytes.Length; at += 8)
        {
            first += Word(bytes[at..], bigEndian) + second;
            second += Word(bytes[(at + 4)..], bigEndian) + first;
        }

        return ((ulong)first << 32) | second;
    }

    private static ulong Checksum(ulong seed, byte[] frame, bool bigEndian) =>
        Checksum(Checksum(seed, frame.AsSpan(0, 8), bigEndian), frame.AsSpan(FrameHeaderLength), bigEndian);

    private static ulong SumIn(byte[] frame) => BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(16));

    private static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private void ReadFrames(FileStream file, ulong sum, bool bigEndian, bool everything, CancellationToken cancellationToken)
    {
        var frame = new byte[FrameHeaderLength + PageSize];
        var pending = new Dictionary<uint, long>();
        DatabaseHeader? pendingHeader = null;
        DamagedFrame = HasRightHeader ? 0 : 1;
        var salt = Salt;
        for (var number = 1L; file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var own = BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(8));
            var headless = number == 1 && !HasRightHeader;
            if (headless)
            {
                // Nothing to begin the checks with: the first frame gives the salt, and which byte order fits shows at the second.
                (salt, bigEndian) = (own, FitsNext(file, SumIn(frame)));
            }
            else if (own != salt)
            {
                // Left over from before the log was begun anew; what follows is older still.
                break;
            }

            var (page, commit) = (Number(frame, 0), Number(frame, 4));
            var expected = headless ? SumIn(frame) : Checksum(sum, frame, bigEndian);
            sum = SumIn(frame);
            if (page == 0 || expected != sum)
            {
                // What the frame would have changed is unknown; the rest of its commit still stands.
                DamagedFrame = DamagedFrame == 0 ? number : DamagedFrame;
                continue;
            }

            pending[page] = file.Position - PageSize;
            pendingHeader = page == 1 ? DatabaseHeader.Parse(frame.AsSpan(FrameHeaderLength)) : pendingHeader;
            UncommittedFrames += DamagedFrame == 0 ? 1 : 0;
            if (commit == 0)
            {
                continue;
            }

            LostCommits += DamagedFrame == 0 ? 0 : 1;
            if (DamagedFrame == 0 || everything)
            {
                Take(pending, pendingHeader, commit);
            }

            UncommittedFrames = DamagedFrame == 0 ? 0 : UncommittedFrames;
            pending.Clear();
        }
    }

    private void Take(Dictionary<uint, long> frames, DatabaseHeader? header, uint pagesAfter)
    {
        foreach (var (page, at) in frames)
        {
            pages[page] = at;
        }

        (Header, PagesAfter, SoundPagesAfter) = (header ?? Header, pagesAfter, DamagedFrame == 0 ? pagesAfter : SoundPagesAfter);
        Commits++;
    }

    private bool FitsNext(FileStream file, ulong sum)
    {
        var next = new byte[FrameHeaderLength + PageSize];
        var at = file.Position;
        var fits = file.ReadAtLeast(next, next.Length, throwOnEndOfStream: false) == next.Length && Checksum(sum, next, bigEndian: true) == SumIn(next);
        file.Position = at;
        return fits;
    }
}
