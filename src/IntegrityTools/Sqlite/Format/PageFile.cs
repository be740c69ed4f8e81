using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Format;

/// <summary>
/// The pages of a database file, read and never written, with a log's or a journal's pages in the place of the file's. Reads go through a
/// few megabytes of chunks: a mapped file would count as memory, and one cut meanwhile would end the process.
/// </summary>
internal sealed class PageFile : IDisposable
{
    private const int ChunkLength = 1 << 18;
    private const int Chunks = 24;

    private readonly DatabaseStream file;
    private readonly Dictionary<long, int> resident = [];
    private readonly byte[][] chunks = new byte[Chunks][];
    private readonly int[] lengths = new int[Chunks];
    private readonly long[] numbers = new long[Chunks];
    private readonly long[] used = new long[Chunks];
    private readonly long stored;
    private IReadOnlyList<FilePart> parts = [];
    private IReadOnlyList<(uint First, uint Last)> doubtful = [];
    private long clock;

    private PageFile(DatabaseStream file, string path)
    {
        this.file = file;
        Path = path;
        FileLength = stored = file.Length;
        Array.Fill(numbers, -1);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file; once it was realigned, as many as it would have had.</summary>
    public long FileLength { get; private set; }

    /// <summary>Bytes a page.</summary>
    public int PageSize { get; private set; }

    /// <summary>Bytes of a page that the format uses.</summary>
    public int Usable { get; private set; }

    /// <summary>Pages that are read: of a damaged file as many as there are, a cut last one included.</summary>
    public uint PageCount { get; private set; }

    /// <summary>The log or the journal whose pages stand in the place of the file's; null when there is none.</summary>
    public PageOverlay? Overlay { get; private set; }

    /// <summary>Bytes that the medium would not give, taken for zeros.</summary>
    public long UnreadableBytes { get; private set; }

    /// <summary>Opens a file for reading beside whoever has it open.</summary>
    /// <exception cref="IntegrityException">It is not there, or cannot be read.</exception>
    public static PageFile Open(string path)
    {
        try
        {
            return new PageFile(DatabaseHandles.Open(path), path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, "The file does not exist.", path, "Check the path.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.StoreUnavailable, $"The file cannot be read: {failure.Message}", path, "Name a file, not a folder, that this account may read.", failure);
        }
    }

    /// <summary>Says how large pages are; before that only <see cref="ReadBytes"/> makes sense.</summary>
    /// <param name="pageSize">Bytes a page.</param>
    /// <param name="usable">Bytes of a page that the format uses.</param>
    /// <param name="pageCount">Pages to read.</param>
    /// <param name="overlay">Pages that stand in the place of the file's; disposed of with this.</param>
    public void Use(int pageSize, int usable, uint pageCount, PageOverlay? overlay) => (PageSize, Usable, PageCount, Overlay) = (pageSize, usable, pageCount, overlay);

    /// <summary>Pages of that size in the file, a cut last one included.</summary>
    public uint PagesIn(int pageSize) => (uint)Math.Min((FileLength + pageSize - 1) / pageSize, uint.MaxValue - 1);

    /// <summary>Reads a page; what a cut file lacks of it is zero. False when there is no such page.</summary>
    public bool Read(uint number, Span<byte> page)
    {
        page = page[..PageSize];
        if (number == 0 || number > PageCount)
        {
            return false;
        }

        if (Overlay is not null && Overlay.TryRead(number, page))
        {
            return true;
        }

        var read = ReadBytes((long)(number - 1) * PageSize, page);
        page[read..].Clear();
        return read > 0;
    }

    /// <summary>How many bytes there are of a page: fewer than a page where the file was cut.</summary>
    public int BytesOf(uint number) => Overlay?.Has(number) == true ? PageSize : (int)Math.Clamp(FileLength - ((long)(number - 1) * PageSize), 0, PageSize);

    /// <summary>Reads every stretch of the file where it belongs.</summary>
    /// <param name="found">The stretches.</param>
    /// <param name="unproved">Pages about their borders of which nothing proves to which stretch they belong.</param>
    public void Realign(IReadOnlyList<FilePart> found, IReadOnlyList<(uint First, uint Last)> unproved)
    {
        (parts, doubtful) = (found, unproved);
        FileLength = found[^1].Offset + found[^1].Length;
    }

    /// <summary>Whether a page stands where the file was shifted, and nothing proves that it is the one with its number.</summary>
    public bool IsDoubtful(uint number) => doubtful.Count > 0 && Overlay?.Has(number) != true && doubtful.Any(pages => number >= pages.First && number <= pages.Last);

    /// <summary>Whether all of some bytes of a page are in the file: none is cut off, and none was cut out.</summary>
    public bool HasAll(uint number, int from, int length)
    {
        var at = ((long)(number - 1) * PageSize) + from;
        return from + length <= BytesOf(number) && (parts.Count == 0 || Overlay?.Has(number) == true || Missing(at, at + length) == 0);
    }

    /// <summary>Reads bytes of the file, zeros for what was cut out of it; returns how many there were.</summary>
    public int ReadBytes(long offset, Span<byte> bytes)
    {
        if (parts.Count == 0)
        {
            return ReadStored(offset, bytes);
        }

        bytes.Clear();
        foreach (var part in parts)
        {
            var (from, to) = (Math.Max(offset, part.Offset), Math.Min(offset + bytes.Length, part.Offset + part.Length));
            if (from < to)
            {
                ReadStored(part.Stored + (from - part.Offset), bytes.Slice((int)(from - offset), (int)(to - from)));
            }
        }

        return (int)Math.Clamp(FileLength - offset, 0, bytes.Length);
    }

    private long Missing(long from, long to) =>
        to - from - parts.Sum(part => Math.Max(0, Math.Min(to, part.Offset + part.Length) - Math.Max(from, part.Offset)));

    private int ReadStored(long offset, Span<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length && offset + done < stored)
        {
            var at = offset + done;
            var slot = Chunk(at / ChunkLength);
            var from = (int)(at % ChunkLength);
            var count = Math.Min(bytes.Length - done, lengths[slot] - from);
            if (count <= 0)
            {
                break;
            }

            chunks[slot].AsSpan(from, count).CopyTo(bytes[done..]);
            done += count;
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Overlay?.Dispose();
        file.Dispose();
    }

    private int Chunk(long number)
    {
        if (resident.TryGetValue(number, out var slot))
        {
            used[slot] = ++clock;
            return slot;
        }

        slot = Array.IndexOf(used, used.Min());
        if (numbers[slot] >= 0)
        {
            resident.Remove(numbers[slot]);
        }

        var chunk = chunks[slot] ??= new byte[ChunkLength];
        numbers[slot] = -1;
        var length = 0;
        while (length < ChunkLength)
        {
            var read = ReadDisk(number, chunk.AsSpan(length), length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        (lengths[slot], numbers[slot], used[slot]) = (length, number, ++clock);
        resident.Add(number, slot);
        return slot;
    }

    // A medium that cannot give some of its sectors must not keep the others back: they count as zeros.
    private int ReadDisk(long number, Span<byte> room, int done)
    {
        try
        {
            return RandomAccess.Read(file.Handle, room, (number * ChunkLength) + done);
        }
        catch (IOException)
        {
            const int Sector = 512;
            var count = (int)Math.Min(Math.Min(Sector, room.Length), stored - ((number * ChunkLength) + done));
            if (count <= 0)
            {
                return 0;
            }

            try
            {
                return RandomAccess.Read(file.Handle, room[..count], (number * ChunkLength) + done);
            }
            catch (IOException)
            {
                UnreadableBytes += count;
                room[..count].Clear();
                return count;
            }
        }
    }
}
