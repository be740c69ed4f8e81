using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Sqlite.Format;

/// <summary>The committed pages of a write-ahead log. A frame's check continues its predecessor's, so that each can be judged alone, too.</summary>
internal sealed class WalFrames : IDisposable
{
    private const int HeaderLength = 32;
    private const int FrameHeader = 24;
    private const uint Magic = 0x377f0682;

    private readonly SafeFileHandle handle;
    private readonly Dictionary<uint, long> pages = [];

    private WalFrames(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Bytes a page, as its header says; 0 when it has none.</summary>
    public int PageSize { get; private set; }

    /// <summary>Pages of the database after the last commit that was taken.</summary>
    public uint PageCount { get; private set; }

    /// <summary>Commits that were taken.</summary>
    public int Commits { get; private set; }

    /// <summary>Whole commits behind the first frame that fails its check, of the same log.</summary>
    public int LaterCommits { get; private set; }

    /// <summary>The first frame that belongs to the log and fails its check; null when there is none.</summary>
    public long? DamagedFrame { get; private set; }

    /// <summary>Whether the header is unreadable.</summary>
    public bool HeaderLost { get; private set; }

    /// <summary>The change counter of the last page 1 in it.</summary>
    public uint? ChangeCounter { get; private set; }

    /// <summary>Pages that come from it.</summary>
    public int Pages => pages.Count;

    /// <summary>Reads a log; null when there is none, or it is empty.</summary>
    /// <param name="path">The log.</param>
    /// <param name="pageSize">Bytes a page of the database; 0: as the log says.</param>
    /// <param name="everything">True to go on behind damage.</param>
    public static WalFrames? Open(string path, int pageSize, bool everything)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.GetLength(handle) <= HeaderLength)
        {
            handle.Dispose();
            return null;
        }

        var log = new WalFrames(handle);
        log.Read(pageSize, everything);
        return log;
    }

    /// <summary>Whether a page comes from the log.</summary>
    public bool Has(uint page) => pages.ContainsKey(page);

    /// <summary>Reads a page's last committed state; false when the log does not have it.</summary>
    public bool TryRead(uint page, Span<byte> destination) =>
        pages.TryGetValue(page, out var offset) && RandomAccess.Read(handle, destination, offset) == destination.Length;

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private void Read(int pageSize, bool everything)
    {
        Span<byte> head = stackalloc byte[HeaderLength];
        RandomAccess.Read(handle, head, 0);
        var magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        var size = (int)BinaryPrimitives.ReadUInt32BigEndian(head[8..]);
        var big = (magic & 1) == 1;
        var sum = Sum(head[..24], big, 0);
        HeaderLost = (magic & ~1u) != Magic || sum != BinaryPrimitives.ReadUInt64BigEndian(head[24..]);
        PageSize = HeaderLost ? pageSize : size;
        if (PageSize is < 512 or > 65536 || (pageSize != 0 && PageSize != pageSize))
        {
            return;
        }

        var length = RandomAccess.GetLength(handle);
        var frame = new byte[FrameHeader + PageSize];
        var salt = HeaderLost ? 0 : BinaryPrimitives.ReadUInt64BigEndian(head[16..]);
        var pending = new Dictionary<uint, long>();
        uint? counter = null;
        for (var offset = (long)HeaderLength; offset + frame.Length <= length; offset += frame.Length)
        {
            if (RandomAccess.Read(handle, frame, offset) < frame.Length)
            {
                break;
            }

            var own = BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(8));
            if (HeaderLost && offset == HeaderLength)
            {
                // Nothing to begin its check with: the first frame gives the salt, and which byte order fits shows at the second.
                salt = own;
                sum = BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(16));
                big = SecondFits(frame.Length, sum, true);
                DamagedFrame = 1;
            }
            else if (own != salt)
            {
                break;
            }
            else
            {
                var expected = Sum(frame.AsSpan(FrameHeader), big, Sum(frame.AsSpan(0, 8), big, sum));
                sum = BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(16));
                if (expected != sum)
                {
                    DamagedFrame ??= ((offset - HeaderLength) / frame.Length) + 1;

                    // What the frame would have changed is unknown; the rest of its commit still stands.
                    continue;
                }
            }

            var page = BinaryPrimitives.ReadUInt32BigEndian(frame);
            pending[page] = offset + FrameHeader;
            if (page == 1)
            {
                counter = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(FrameHeader + 24));
            }

            var after = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
            if (after == 0)
            {
                continue;
            }

            if (DamagedFrame is not null)
            {
                LaterCommits++;
            }

            if (DamagedFrame is null || everything)
            {
                foreach (var (number, place) in pending)
                {
                    pages[number] = place;
                }

                Commits++;
                PageCount = after;
                ChangeCounter = counter ?? ChangeCounter;
            }

            pending.Clear();
        }
    }

    private bool SecondFits(int frameLength, ulong sum, bool big)
    {
        var second = new byte[frameLength];
        return RandomAccess.Read(handle, second, HeaderLength + frameLength) == frameLength
            && Sum(second.AsSpan(FrameHeader), big, Sum(second.AsSpan(0, 8), big, sum)) == BinaryPrimitives.ReadUInt64BigEndian(second.AsSpan(16));
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes, bool big, ulong seed)
    {
        var (first, second) = ((uint)(seed >> 32), (uint)seed);
        for (var at = 0; at + 8 <= bytes.Length; at += 8)
        {
            first += Word(bytes[at..], big) + second;
            second += Word(bytes[(at + 4)..], big) + first;
        }

        return ((ulong)first << 32) | second;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, bool big) =>
        big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
