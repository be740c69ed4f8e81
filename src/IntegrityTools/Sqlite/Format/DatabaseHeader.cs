using System.Buffers.Binary;
using System.Globalization;

namespace IntegrityTools.Sqlite.Format;

/// <summary>The first 100 bytes of a database.</summary>
/// <param name="PageSize">Bytes in a page, 512 to 65,536; 0 when the field holds no legal size.</param>
/// <param name="WriteVersion">1: rollback mode, 2: WAL mode.</param>
/// <param name="ReadVersion">As <paramref name="WriteVersion"/>, for readers.</param>
/// <param name="Reserved">Bytes at the end of every page that SQLite leaves alone.</param>
/// <param name="HasRightFractions">Whether the three constants after the reserved bytes are 64, 32 and 32.</param>
/// <param name="ChangeCounter">Counts transactions in rollback mode.</param>
/// <param name="PageCount">Pages in the file, by the header; 0 when an old library wrote it last.</param>
/// <param name="FirstFreePage">The first trunk page of the list of free pages; 0: none.</param>
/// <param name="FreePages">Free pages, by the header.</param>
/// <param name="SchemaCookie">Counts changes of the schema.</param>
/// <param name="SchemaFormat">1 to 4; 0 before the first table.</param>
/// <param name="LargestRoot">The largest root page in auto-vacuum mode; 0: no auto-vacuum, and no pointer maps.</param>
/// <param name="TextEncoding">1: UTF-8, 2 and 3: UTF-16; 0 before the first table.</param>
/// <param name="IncrementalVacuum">Whether auto-vacuum waits to be asked.</param>
/// <param name="ApplicationId">The application's own mark.</param>
/// <param name="CountValidFor">The change counter for which <paramref name="PageCount"/> holds.</param>
/// <param name="WriterVersion">The version of the SQLite that wrote last; null when none is noted.</param>
internal sealed record DatabaseHeader(
    int PageSize,
    int WriteVersion,
    int ReadVersion,
    int Reserved,
    bool HasRightFractions,
    uint ChangeCounter,
    uint PageCount,
    uint FirstFreePage,
    uint FreePages,
    uint SchemaCookie,
    uint SchemaFormat,
    uint LargestRoot,
    uint TextEncoding,
    bool IncrementalVacuum,
    uint ApplicationId,
    uint CountValidFor,
    Version? WriterVersion)
{
    /// <summary>The bytes of a header.</summary>
    public const int Length = 100;

    // The smallest part of a page that the format works with.
    private const int LeastUsable = 480;

    /// <summary>How every database begins.</summary>
    public static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>True in WAL mode.</summary>
    public bool IsWal => ReadVersion == 2;

    /// <summary>Bytes of a page that hold content.</summary>
    public int Usable => PageSize - Reserved;

    /// <summary>Whether SQLite opens a file that begins so, as far as the reading of pages goes.</summary>
    public bool IsReadable => PageSize > 0 && Usable >= LeastUsable && HasRightFractions;

    /// <summary>Whether <see cref="PageCount"/> was written by the last writer, and not left over by an old library's.</summary>
    public bool CountsPages => PageCount > 0 && ChangeCounter == CountValidFor;

    /// <summary>The first page that is behind those it counts: what stands there was never part of the database, or no more. The greatest number when it does not say.</summary>
    public uint Behind => CountsPages && PageCount < uint.MaxValue ? PageCount + 1 : uint.MaxValue;

    /// <summary>How text is stored.</summary>
    public TextEncoding Encoding => TextEncoding is 2 or 3 ? (TextEncoding)TextEncoding : Format.TextEncoding.Utf8;

    /// <summary>Reads the header from the bytes of page 1; null when they do not begin as a database does.</summary>
    public static DatabaseHeader? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Magic))
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
        var writer = Number(bytes, 96);
        return new DatabaseHeader(
            size == 1 ? 65536 : size >= 512 && int.IsPow2(size) ? size : 0,
            bytes[18],
            bytes[19],
            bytes[20],
            bytes[21..24].SequenceEqual<byte>([64, 32, 32]),
            Number(bytes, 24),
            Number(bytes, 28),
            Number(bytes, 32),
            Number(bytes, 36),
            Number(bytes, 40),
            Number(bytes, 44),
            Number(bytes, 52),
            Number(bytes, 56),
            Number(bytes, 64) != 0,
            Number(bytes, 68),
            Number(bytes, 92),
            writer is >= 3_000_000 and < 4_000_000 ? new Version(3, (int)(writer / 1000 % 1000), (int)(writer % 1000)) : null);
    }

    /// <summary>Such as <c>4,096 bytes a page, WAL mode</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{PageSize:N0} bytes a page, {(IsWal ? "WAL" : "rollback")} mode");

    private static uint Number(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
}
