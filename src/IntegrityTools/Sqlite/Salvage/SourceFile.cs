using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>How a file is to be read: its page size, and what of a log or a journal beside it counts.</summary>
/// <param name="Header">The header that counts; null when it is lost.</param>
/// <param name="LivePages">Pages that the database has by its log or journal: what stands behind them is no part of it any more. 0: not known.</param>
internal sealed record SourceFile(DatabaseHeader? Header, uint LivePages)
{
    // A log may hold pages behind others that no file has: not that many, whatever it says.
    private const uint MostMissing = 1 << 24;

    /// <summary>Reads the header, or guesses what it would say, and puts the log or the journal in force.</summary>
    /// <exception cref="IntegrityException">There is nothing of a database in the file.</exception>
    public static SourceFile Prepare(PageFile file, SalvageOptions options, List<string> notes, CancellationToken cancellationToken)
    {
        Span<byte> head = stackalloc byte[DatabaseHeader.Length];
        var header = file.ReadBytes(0, head) == head.Length && DatabaseHeader.Parse(head) is { IsReadable: true } found ? found : null;
        var size = header?.PageSize ?? 0;
        if (header is not null && !HeaderGuess.Suits(file, size, header.Reserved) && HeaderGuess.PageSize(file) is > 0 and var other && other != size)
        {
            notes.Add($"The header says that pages have {size} bytes, but they look like pages of {other} bytes.");
            header = header with { PageSize = other, PageCount = 0 };
            size = other;
        }

        var log = WalFile.Read(file.Path + "-wal", size, options.Wal == LogUse.Everything, cancellationToken);
        if (header is null)
        {
            size = HeaderGuess.PageSize(file) is > 0 and var guessed ? guessed : log is { HasRightHeader: true, Commits: > 0 } ? log.PageSize : throw NoDatabase(file.Path);
            notes.Add($"The header is lost: the pages look like pages of {size} bytes.");
            log = log is { HasRightHeader: false } ? WalFile.Read(log.Path, size, options.Wal == LogUse.Everything, cancellationToken) : log;
        }

        var reserved = HeaderGuess.Reserved(file, size, header?.Reserved ?? 0);
        if (header is not null && header.Reserved != reserved)
        {
            notes.Add($"The header says that {header.Reserved} bytes at the end of each page are not used, but the pages leave {reserved}.");
            header = header with { Reserved = reserved };
        }

        file.Use(size, size - reserved, file.PagesIn(size), null);
        var rollback = RollbackJournal.Read(file.Path + "-journal", options.Journal == LogUse.Everything, cancellationToken);
        var unfinished = rollback is { Records: > 0 } && rollback.PageSize == size ? rollback : null;
        var later = log is { Commits: > 0 } && log.PageSize == size ? log : null;
        var expected = header?.CountsPages == true && unfinished is null ? header.PageCount * (long)size : 0;

        // A file may have its right length although bytes were cut out of it: as many came in elsewhere.
        var realignment = new Realignment(
            file,
            expected,
            SchemaRoots.Read(file, header?.Encoding),
            page => (unfinished is not null && (page > unfinished.PagesBefore || unfinished.Pages.ContainsKey(page))) || later?.Pages.ContainsKey(page) == true,
            cancellationToken);
        if (realignment.Find() is { } parts)
        {
            file.Realign(parts, realignment.Doubtful);
            notes.AddRange(Told(parts, size));
        }

        log = LogChoice.Of(log, file, size, header, options.Wal, notes);
        var journal = LogChoice.Of(rollback, file, size, header, options.Journal, notes);
        var overlay = PageOverlay.Of(journal) ?? PageOverlay.Of(log);
        var live = journal?.PagesBefore ?? log?.PagesAfter ?? 0;
        file.Use(size, size - reserved, Math.Max(file.PagesIn(size), Math.Min(Math.Min(live, overlay?.Last ?? 0), file.PagesIn(size) + MostMissing)), overlay);
        if (file.FileLength % size != 0)
        {
            notes.Add($"The file ends within a page, after {Counted.Of(file.FileLength, "byte")}.");
        }

        if (header is { PageCount: > 0 } known && known.PageCount > file.PageCount && live == 0)
        {
            notes.Add($"The file has {Counted.Of(file.PageCount, "page")} of the {known.PageCount} that its header counts: the rest is cut off.");
        }

        return new SourceFile(journal?.Header ?? log?.Header ?? header, live);
    }

    private static IEnumerable<string> Told(IReadOnlyList<FilePart> parts, int size)
    {
        foreach (var (part, before) in parts.Skip(1).Zip(parts))
        {
            var by = part.Stored - part.Offset - (before.Stored - before.Offset);
            yield return part.Stored < before.Stored
                ? $"Where {Counted.Of(part.Length / size, "page")} of the file from page {(part.Stored / size) + 1} on belong is not known: they were read as if they stood at its end."
                : $"{Math.Abs(by)} bytes were {(by < 0 ? "cut out of" : "put into")} the file before page {(part.Offset / size) + 1}: what lies behind them was read where it belongs.";
        }
    }

    /// <summary>The failure for a file without any page of a database.</summary>
    public static IntegrityException NoDatabase(string path) => new(
        ErrorIds.DamagedFile,
        new FileInfo(path).Length == 0 ? "The file is empty." : "Nothing in the file looks like a page of an SQLite database: it is another kind of file, or encrypted.",
        path,
        "An encrypted database has to be decrypted with its key first; restore anything else from a backup.");
}
