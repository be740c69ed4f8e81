using System.Buffers.Binary;
using System.Text;

namespace IntegrityTools.Sqlite.Format;

/// <summary>
/// A rollback journal: the old content of the pages that a transaction was changing. SQLite puts them back up to the first record that
/// fails its check, says nothing of it, and deletes the journal.
/// </summary>
internal sealed class RollbackJournal
{
    private const int HeaderLength = 28;
    private const int ChecksumStep = 200;

    private readonly Dictionary<uint, long> pages = [];
    private bool isCounted = true;

    private RollbackJournal(string path, int pageSize, uint pagesBefore) => (Path, PageSize, PagesBefore) = (path, pageSize, pagesBefore);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes in a page.</summary>
    public int PageSize { get; }

    /// <summary>Pages in the database before the transaction: by the old page 1 where the journal holds it, since nothing checks the journal's own header.</summary>
    public uint PagesBefore { get; private set; }

    /// <summary>Records that were read and are right.</summary>
    public long Records { get; private set; }

    /// <summary>The first record that fails its check although the header counts it, counted from 1; 0: none.</summary>
    public long DamagedRecord { get; private set; }

    /// <summary>Right records behind the first damaged one, which SQLite would not put back.</summary>
    public long LostRecords { get; private set; }

    /// <summary>The journal of a transaction over several databases that names this one; null: there is none. Once that file is gone, the transaction has committed.</summary>
    public string? SuperJournal { get; private set; }

    /// <summary>Where in the journal the old content of a page stands, of the records that were taken.</summary>
    public IReadOnlyDictionary<uint, long> Pages => pages;

    /// <summary>The header in the old page 1; null when the journal holds none.</summary>
    public DatabaseHeader? Header { get; private set; }

    // Records that nobody counted may have been cut off without a trace.
    private bool IsWhole => isCounted && DamagedRecord == 0;

    private static ReadOnlySpan<byte> Magic => [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

    /// <summary>Whether there is a journal whose header was not wiped: a wiped one is over and done with.</summary>
    public static bool IsThere(string path)
    {
        Span<byte> start = stackalloc byte[8];
        using var file = TryOpen(path);
        return file is not null && file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(Magic);
    }

    /// <summary>Reads a journal; null when there is none, or one whose header was wiped.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="everything">True to take what is behind a damaged record, too; false to take what SQLite takes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static RollbackJournal? Read(string path, bool everything, CancellationToken cancellationToken)
    {
        using var file = TryOpen(path);
        var header = new byte[HeaderLength];
        if (file is null || file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || !header.AsSpan().StartsWith(Magic))
        {
            return null;
        }

        var size = Number(header, 24);
        var journal = new RollbackJournal(path, size is >= 512 and <= 65536 && uint.IsPow2(size) ? (int)size : 0, Number(header, 16));
        if (journal.PageSize > 0)
        {
            journal.ReadRecords(file, header, everything, cancellationToken);
            journal.LeaveOutNewPages();
            journal.SuperJournal = ReadSuperJournal(file);
        }

        return journal;
    }

    /// <summary>Why the journal cannot be this database's in its present state; null when nothing speaks against it.</summary>
    /// <param name="database">The header in the database's file.</param>
    /// <param name="length">Bytes in the database's file.</param>
    public string? WhyForeign(DatabaseHeader database, long length) =>
        PageSize == 0 ? "its page size is none that exists"
        : PageSize != database.PageSize ? $"it has pages of {PageSize} bytes, and the database of {database.PageSize}"
        : SuperJournal is { } name && !File.Exists(name) ? $"its transaction over several databases has committed, since {name} is gone"
        : IsWhole && ForeignCount.Of(database, length, PagesBefore, pages) is { } counted ? counted
        : Header is not { } old ? null
        : old.TextEncoding != 0 && database.TextEncoding is 1 or 2 or 3 && old.TextEncoding != database.TextEncoding ? "it has another text encoding"
        : old.ApplicationId != database.ApplicationId && database.ApplicationId != 0 ? "it is of another application"

        // VACUUM raises the schema's number, as every change of it does.
        : old.SchemaCookie > database.SchemaCookie ? $"its schema is number {old.SchemaCookie}, and the database's {database.SchemaCookie}"
        : old.SchemaCookie == database.SchemaCookie && old.LargestRoot == 0 && old.CountsPages && database.CountsPages && old.PageCount > database.PageCount
            ? $"it counts {old.PageCount} pages, and the database {database.PageCount}, from which no VACUUM has taken any away"

        // The transaction adds one to the counter when it ends; the old page has the number before.
        : database.ChangeCounter - old.ChangeCounter > 1 ? $"it was begun after change {old.ChangeCounter}, and the database is at {database.ChangeCounter}"
        : null;

    /// <summary>Why the journal may be another database's; null when nothing speaks for that.</summary>
    /// <param name="database">The header in the database's file.</param>
    public string? WhyDoubtful(DatabaseHeader database) =>
        Header is { CountsPages: true } old && database.CountsPages && old.ChangeCounter == database.ChangeCounter
            && (old.PageCount, old.SchemaCookie) != (database.PageCount, database.SchemaCookie)
            ? $"both are at change {old.ChangeCounter}, and page 1 counts {old.PageCount} pages in it and {database.PageCount} in the file, which an application leaves only with locking_mode = EXCLUSIVE"
            : null;

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static uint Number(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    // Each part of a journal has a header in a sector of its own; a count of -1 means as many records as there are.
    private void ReadRecords(FileStream file, byte[] header, bool everything, CancellationToken cancellationToken)
    {
        var record = new byte[PageSize + 8];
        var sector = Math.Max(HeaderLength, Number(header, 20) is >= 512 and <= 65536 and var told ? (int)told : 512);
        for (long at = 0, number = 1; header.AsSpan().StartsWith(Magic);)
        {
            var count = Number(header, 8);
            var nonce = Number(header, 12);
            isCounted &= count != uint.MaxValue;
            file.Position = at + sector;
            for (var left = count == uint.MaxValue ? long.MaxValue : count; left > 0; left--, number++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (file.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length)
                {
                    // Where nobody counted the records, what comes after the last one is no damage.
                    DamagedRecord = count != uint.MaxValue && DamagedRecord == 0 ? number : count == uint.MaxValue && LostRecords == 0 ? 0 : DamagedRecord;
                    return;
                }

                Take(record, file.Position - record.Length + 4, number, nonce, everything);
            }

            at = (file.Position + sector - 1) / sector * sector;
            file.Position = at;
            if (file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength)
            {
                return;
            }
        }
    }

    private void Take(byte[] record, long at, long number, uint nonce, bool everything)
    {
        var page = Number(record, 0);
        var content = record.AsSpan(4, PageSize);
        if (page == 0 || Number(record, PageSize + 4) != Checksum(content, nonce))
        {
            DamagedRecord = DamagedRecord == 0 ? number : DamagedRecord;
            return;
        }

        LostRecords += DamagedRecord == 0 ? 0 : 1;
        if ((DamagedRecord == 0 || everything) && pages.TryAdd(page, at))
        {
            Records++;
            Header = page == 1 ? DatabaseHeader.Parse(content) : Header;
        }
    }

    private void LeaveOutNewPages()
    {
        PagesBefore = Header is { CountsPages: true } old ? old.PageCount : PagesBefore;
        foreach (var page in pages.Keys.Where(page => page > PagesBefore).ToList())
        {
            pages.Remove(page);
            Records--;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> content, uint nonce)
    {
        for (var at = content.Length - ChecksumStep; at > 0; at -= ChecksumStep)
        {
            nonce += content[at];
        }

        return nonce;
    }

    // At the journal's end: the name, its length, the sum of its bytes, and the magic number once more.
    private static string? ReadSuperJournal(FileStream file)
    {
        Span<byte> end = stackalloc byte[16];
        if (file.Length < HeaderLength + end.Length)
        {
            return null;
        }

        file.Position = file.Length - end.Length;
        file.ReadExactly(end);
        var length = Number(end, 0);
        if (!end[8..].SequenceEqual(Magic) || length is 0 or > 4096 || length > file.Length - end.Length)
        {
            return null;
        }

        var name = new byte[length];
        file.Position = file.Length - end.Length - length;
        file.ReadExactly(name);
        var sum = 0u;
        foreach (var value in name)
        {
            sum += (uint)(sbyte)value;
        }

        return sum == Number(end, 4) ? Encoding.UTF8.GetString(name) : null;
    }
}
