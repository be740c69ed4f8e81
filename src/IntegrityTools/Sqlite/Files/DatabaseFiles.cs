using System.Buffers.Binary;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Files;

/// <summary>The files that make up one database. Links are followed as SQLite follows them: its other files lie beside the real one.</summary>
internal sealed class DatabaseFiles
{
    /// <summary>The role of the file itself.</summary>
    public const string Database = "database";

    // No -shm: it holds nothing, and SQLite makes it anew.
    private static readonly (string Role, string Ending)[] Roles = [(Database, ""), ("wal", "-wal"), ("journal", "-journal")];

    // Where the log's salt stands in the header of its index.
    private const int IndexedSalt = 32;

    private const int SettlingTries = 3;

    // An application that opens the database for each commit and closes it again has a log and no index of it for a moment each time.
    private const int MomentsOfAnOpening = 8;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(60);

    private readonly string given;

    private DatabaseFiles(string given) => (this.given, Path) = (given, Resolve(given));

    /// <summary>The database itself, links resolved.</summary>
    public string Path { get; }

    /// <summary>Its write-ahead log.</summary>
    public string Wal => Path + "-wal";

    /// <summary>The log's shared index.</summary>
    public string Shm => Path + "-shm";

    /// <summary>Its rollback journal.</summary>
    public string Journal => Path + "-journal";

    /// <summary>What SQLite would apply to the file, or believe of it, whether or not it is there.</summary>
    public IEnumerable<string> Companions => [Wal, Shm, Journal];

    /// <summary>True when the log holds anything.</summary>
    public bool HasWal => LengthOf(Wal) > 0;

    /// <summary>
    /// True when there is no log, or an index of this very run of it: whoever had the database open here read this log with it. One that was copied to the database by hand
    /// has no index, or that of another log. Also true where others write all the while, who have both open.
    /// </summary>
    public bool HasKnownWal
    {
        get
        {
            for (var moment = 1; ; moment++)
            {
                if (Settle(() => !HasWal || HasIndexOfWal()) is not (false, true))
                {
                    return true;
                }

                if (moment == MomentsOfAnOpening)
                {
                    return false;
                }

                Thread.Sleep(Moment);
            }
        }
    }

    /// <summary>True when there is an index of the log: a process has the database open, or had it and was killed.</summary>
    public bool HasShm => File.Exists(Shm);

    /// <summary>True when there is a file, whatever it holds.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>The files that hold content and are there, each with its role: no log or journal of no length.</summary>
    public IEnumerable<(string Role, string Path)> Present => Roles.Select(part => (part.Role, Path: Path + part.Ending)).Where(part => part.Role == Database ? Exists : LengthOf(part.Path) > 0);

    /// <summary>The files at a path, where there may be none yet.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/>: the path is a link that cannot be followed.</exception>
    public static DatabaseFiles At(string path) => new(path);

    /// <summary>Finds the files.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/> when there is no file, or a folder or a device instead; <see cref="ErrorIds.StoreUnavailable"/> when it cannot be read.</exception>
    public static DatabaseFiles Find(string path)
    {
        var files = At(path);
        files.Require();
        return files;
    }

    /// <summary>What a file's name gets for its role.</summary>
    public static string EndingOf(string role) => Roles.First(part => part.Role == role).Ending;

    /// <summary>Throws unless there is a file that can be read.</summary>
    /// <exception cref="IntegrityException">As for <see cref="Find"/>.</exception>
    public void Require()
    {
        if (Directory.Exists(Path))
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, $"'{given}' is a folder, not a database.", given, "Name the database's file in it.");
        }

        if (!Exists)
        {
            var link = Path == given ? string.Empty : $" It is a link to '{Path}', which does not exist.";
            throw new IntegrityException(ErrorIds.StoreNotFound, $"There is no database '{given}'.{link}", given, "Check the path.");
        }

        SpecialFile.ThrowIf(Path, "a database", ErrorIds.StoreNotFound, "Name the database's file.");
        ThrowIfUnreadable(Path);
        ThrowIfUnreadableBeside(Wal);
        ThrowIfUnreadableBeside(Journal);
    }

    /// <summary>Removes all of them.</summary>
    public void Remove()
    {
        File.Delete(Path);
        RemoveCompanions();
    }

    /// <summary>Removes what SQLite would apply to, or believe of, the file that takes this one's place.</summary>
    public void RemoveCompanions()
    {
        foreach (var path in Companions)
        {
            File.Delete(path);
        }
    }

    /// <summary>What tells whether the database changed: of each file its length and time, and the header's change counter.</summary>
    public string Snapshot()
    {
        Span<byte> counter = stackalloc byte[4];
        using (var file = Open(Path))
        {
            file.Position = Math.Min(24, file.Length);
            file.ReadAtLeast(counter, 4, throwOnEndOfStream: false);
        }

        string[] paths = [Path, Wal, Journal];
        return string.Join(' ', paths.Select(Describe)) + ' ' + BinaryPrimitives.ReadUInt32BigEndian(counter);
    }

    /// <summary>Reads until nothing moves meanwhile, a few times at most.</summary>
    /// <returns>What was read last, and whether nothing moved.</returns>
    public (T Read, bool Settled) Settle<T>(Func<T> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = Snapshot();
            var found = read();
            var settled = Snapshot() == before;
            if (settled || attempt == SettlingTries)
            {
                return (found, settled);
            }
        }
    }

    /// <summary>The header of the database's file; null when it does not begin as a database does.</summary>
    public DatabaseHeader? ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Length];
        using var file = Open(Path);
        return DatabaseHeader.Parse(bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]);
    }

    /// <summary>What keeps the file from being a database at all; null when it begins as one does.</summary>
    public string? Refusal() => ReadHeader() is null ? Identification.Of(Path) : null;

    /// <summary>The header of the database's file.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>: it does not begin as a database does; what it is, is told.</exception>
    public DatabaseHeader RequireHeader() => ReadHeader()
        ?? throw new IntegrityException(ErrorIds.InvalidState, Identification.Of(Path), Path, "Name the database itself; where this is what is left of it, a scan of it plans what can be done.");

    /// <summary>Opens a file to read it, whoever else writes to it.</summary>
    public static DatabaseStream Open(string path) => DatabaseHandles.Open(path);

    /// <summary>A file's length; 0 when it is not there.</summary>
    public static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private bool HasIndexOfWal()
    {
        try
        {
            using var index = Open(Shm);
            return WalFile.ReadSalt(Wal) is not 0 and var salt && WalFile.ReadSalt(index, IndexedSalt) == salt;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void ThrowIfUnreadable(string path)
    {
        try
        {
            using var file = Open(path);
            _ = file.ReadByte();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.StoreUnavailable, $"The database cannot be read: {exception.Message}", path, "Give this account the right to read the file, or check its medium.", exception);
        }
    }

    // Without its log or its journal the database would be read as it was, or is not any more. Both come and go while others work.
    private static void ThrowIfUnreadableBeside(string path)
    {
        try
        {
            SpecialFile.ThrowIf(path, "the database's log or journal", ErrorIds.StoreUnavailable, "See what put it there, and remove it.");
            ThrowIfUnreadable(path);
        }
        catch (IntegrityException failure) when (failure.InnerException is FileNotFoundException)
        {
            // There is none.
        }
    }

    private static string Describe(string path) =>
        new FileInfo(path) is { Exists: true } file ? $"{file.Length}@{file.LastWriteTimeUtc.Ticks}" : "-";

    private static string Resolve(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException exception) when (exception is not FileNotFoundException and not DirectoryNotFoundException)
        {
            throw new IntegrityException(
                ErrorIds.StoreNotFound, $"'{path}' is a link that cannot be followed: {exception.Message}", path, "Name the database's file itself.", exception);
        }
        catch (IOException)
        {
            return path;
        }
    }
}
