using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>A database's file and those that belong to it.</summary>
internal sealed class SqliteFiles
{
    private const int HeaderLength = 100;
    private const int WriteVersion = 18;
    private const byte Wal = 2;

    /// <summary>The role of the file itself.</summary>
    public const string Database = "database";

    private static readonly (string Role, string Ending)[] Parts = [(Database, ""), ("wal", "-wal"), ("journal", "-journal")];

    /// <summary>The files of a database; a link is followed, so that what is replaced is the file and not the link.</summary>
    public SqliteFiles(string path) => Path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? path;

    /// <summary>The database's file.</summary>
    public string Path { get; }

    /// <summary>True when there is one.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>True when the header says write-ahead log.</summary>
    public bool IsWal => Header()[WriteVersion] == Wal;

    /// <summary>True when the log's index stands beside it: another process has the database open, or has died with it.</summary>
    public bool IsInUse => File.Exists(Path + "-shm");

    /// <summary>
    /// The files that hold content and are there, each with its role: no log or journal of no length, and no -shm, which SQLite makes anew.
    /// </summary>
    public IEnumerable<(string Role, string Path)> Present =>
        Parts.Select(part => (part.Role, Path: Path + part.Ending)).Where(part => new FileInfo(part.Path) is { Exists: true } file && (part.Role == Database || file.Length > 0));

    /// <summary>What the file's name gets for a role.</summary>
    public static string EndingOf(string role) => Parts.First(part => part.Role == role).Ending;

    /// <summary>What keeps the file from being a database at all; null when it looks like one.</summary>
    public string? Refusal()
    {
        var header = Header();
        return header.Length == 0 ? "The file is empty: SQLite takes that for a database without tables, and a failed copy leaves the same."
            : header.Length == HeaderLength && header.AsSpan().StartsWith("SQLite format 3\0"u8) ? null
            : Identification.Of(Path);
    }

    /// <summary>Removes what SQLite would apply to, or believe of, the file that takes this one's place.</summary>
    public void RemoveCompanions()
    {
        foreach (var ending in new[] { "-wal", "-shm", "-journal" })
        {
            File.Delete(Path + ending);
        }
    }

    /// <summary>Throws unless there is a file that can be read.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/>, <see cref="ErrorIds.StoreUnavailable"/>.</exception>
    public void Require()
    {
        if (!Exists)
        {
            throw new IntegrityException(
                ErrorIds.StoreNotFound, Directory.Exists(Path) ? $"'{Path}' is a folder." : $"There is no file '{Path}'.", Path, "Check the path.");
        }

        DatabaseFiles.Find(Path);
    }

    private byte[] Header()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[HeaderLength];
        var count = file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false);
        return header[..count];
    }
}
