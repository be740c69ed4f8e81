using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Finds out how a file is to be read: its page size, and what of a log beside it counts.</summary>
internal static class SourceFile
{
    /// <summary>Reads the header, or guesses what it would say, and puts the log in force.</summary>
    /// <returns>The header; null when it is lost.</returns>
    /// <exception cref="IntegrityException">There is nothing of a database in the file.</exception>
    public static DatabaseHeader? Prepare(PageFile file, WalUse use, List<string> notes)
    {
        Span<byte> head = stackalloc byte[DatabaseHeader.Length];
        var read = file.ReadBytes(0, head);
        DatabaseHeader? header = read == head.Length && DatabaseHeader.TryRead(head, out var found) ? found : null;
        var size = header?.PageSize ?? 0;
        if (header is not null && !HeaderGuess.Suits(file, size) && HeaderGuess.PageSize(file) is > 0 and var other && other != size)
        {
            notes.Add($"The header says that pages have {size} bytes, but they look like pages of {other} bytes.");
            header = header.Value with { PageSize = other, PageCount = 0 };
            size = other;
        }

        if (header is null)
        {
            using var log = WalFrames.Open(file.Path + "-wal", 0, everything: false);
            size = HeaderGuess.PageSize(file) is > 0 and var guessed ? guessed : log?.Pages > 0 ? log.PageSize : throw NoDatabase(file.Path);
            notes.Add($"The header is lost: the pages look like pages of {size} bytes.");
        }

        file.Use(size, header?.Usable ?? size, Wal(file.Path, size, header, use, notes));
        if (file.FileLength % size != 0)
        {
            notes.Add($"The file ends within a page, after {file.FileLength} bytes.");
        }

        if (header is { PageCount: > 0 } known && known.PageCount > file.PageCount && file.Wal is null)
        {
            notes.Add($"The file has {file.PageCount} pages of the {known.PageCount} that its header counts: the rest is cut off.");
        }

        if (new FileInfo(file.Path + "-journal") is { Exists: true, Length: > 512 })
        {
            notes.Add("A rollback journal lies beside the file and was not applied: what an unfinished transaction changed is taken as it stands. "
                + "To roll it back, open a copy of both with SQLite and salvage that.");
        }

        return header;
    }

    /// <summary>The failure for a file without any page of a database.</summary>
    public static IntegrityException NoDatabase(string path) => new(
        ErrorIds.DamagedFile,
        new FileInfo(path).Length == 0 ? "The file is empty." : "Nothing in the file looks like a page of an SQLite database: it is another kind of file, or encrypted.",
        path,
        "An encrypted database has to be decrypted with its key first; restore anything else from a backup.");

    private static WalFrames? Wal(string path, int pageSize, DatabaseHeader? header, WalUse use, List<string> notes)
    {
        var log = WalFrames.Open(path + "-wal", pageSize, use == WalUse.Everything);
        if (log is null)
        {
            return null;
        }

        if (use == WalUse.Ignore)
        {
            notes.Add("The -wal beside the file was left out, as asked.");
        }
        else if (log.PageSize != pageSize)
        {
            notes.Add($"The -wal beside the file is another database's: its pages have {log.PageSize} bytes. It was left out.");
        }
        else if (use == WalUse.Committed && header is { IsWal: false })
        {
            notes.Add("The file is not in WAL mode, so the -wal beside it is older or another's, and SQLite would not look at it. It was left out; all of it can be asked for.");
        }
        else if (use == WalUse.Committed && header is { } file && log.ChangeCounter < file.ChangeCounter)
        {
            notes.Add($"The -wal beside the file is older than the file, or another database's (change counter {log.ChangeCounter} against {file.ChangeCounter}). It was left out; all of it can be asked for.");
        }
        else
        {
            Tell(log, use, notes);
            return log;
        }

        log.Dispose();
        return null;
    }

    private static void Tell(WalFrames log, WalUse use, List<string> notes)
    {
        if (log.Pages > 0)
        {
            notes.Add($"{log.Pages} pages come from {log.Commits} commits of the -wal beside the file.");
        }

        if (log.HeaderLost)
        {
            notes.Add("The header of the -wal is damaged." + (use == WalUse.Everything ? string.Empty : " SQLite would take nothing of it, and nothing was taken; all of it can be asked for."));
        }
        else if (log.DamagedFrame is { } frame)
        {
            notes.Add($"Frame {frame} of the -wal is damaged; {log.LaterCommits} commits follow it"
                + (log.LaterCommits == 0 ? "." : use == WalUse.Everything ? " and were taken." : " and were left out, as SQLite does; they can be asked for."));
        }
    }
}
