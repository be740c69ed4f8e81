namespace IntegrityTools.Sqlite.Files;

/// <summary>The pages of a database as a reader would see them: from the log where it has a committed one, else from the file.</summary>
internal sealed class PageSource : IDisposable
{
    private readonly FileStream file;
    private readonly FileStream? log;
    private readonly WalFile? wal;

    /// <summary>Opens the files to read them.</summary>
    public PageSource(DatabaseFiles files, DatabaseHeader header, WalFile? wal)
    {
        file = DatabaseFiles.Open(files.Path);
        if (wal is { Commits: > 0 } && wal.PageSize == header.PageSize)
        {
            this.wal = wal;
            log = DatabaseFiles.Open(files.Wal);
        }

        PageSize = header.PageSize;
        Header = this.wal?.Header ?? header;
        Count = this.wal?.PagesAfter ?? (uint)(file.Length / PageSize);
    }

    /// <summary>Bytes in a page.</summary>
    public int PageSize { get; }

    /// <summary>The header that counts.</summary>
    public DatabaseHeader Header { get; }

    /// <summary>Pages that there are.</summary>
    public uint Count { get; }

    /// <summary>Reads a page into a buffer; false when it lies past the end.</summary>
    public bool TryRead(uint page, Span<byte> buffer)
    {
        if (page == 0 || page > Count)
        {
            return false;
        }

        var fromLog = wal is not null && wal.Pages.TryGetValue(page, out var at);
        var source = fromLog ? log! : file;
        source.Position = fromLog ? wal!.Pages[page] : (page - 1L) * PageSize;
        return source.ReadAtLeast(buffer[..PageSize], PageSize, throwOnEndOfStream: false) == PageSize;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        log?.Dispose();
    }
}
