using System.Buffers.Binary;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Files;

/// <summary>The files that make up one database. Links are followed as SQLite follows them: its other files lie beside the real one.</summary>
internal sealed class DatabaseFiles
{
    private DatabaseFiles(string path) => Path = path;

    /// <summary>The database itself, links resolved.</summary>
    public string Path { get; }

    /// <summary>Its write-ahead log.</summary>
    public string Wal => Path + "-wal";

    /// <summary>The log's shared index.</summary>
    public string Shm => Path + "-shm";

    /// <summary>Its rollback journal.</summary>
    public string Journal => Path + "-journal";

    /// <summary>True when the log holds anything.</summary>
    public bool HasWal => LengthOf(Wal) > 0;

    /// <summary>True when there is an index of the log: a process has the database open, or had it and was killed.</summary>
    public bool HasShm => File.Exists(Shm);

    /// <summary>Finds the files.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/> when there is no file, or a folder or a device instead; <see cref="ErrorIds.StoreUnavailable"/> when it cannot be read.</exception>
    public static DatabaseFiles Find(string path)
    {
        var real = Resolve(path);
        if (Directory.Exists(real))
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, $"'{path}' is a folder, not a database.", path, "Name the database's file in it.");
        }

        if (!File.Exists(real))
        {
            var link = real == path ? string.Empty : $" It is a link to '{real}', which does not exist.";
            throw new IntegrityException(ErrorIds.StoreNotFound, $"There is no database '{path}'.{link}", path, "Check the path.");
        }

        SpecialFile.ThrowIf(real, "a database", ErrorIds.StoreNotFound, "Name the database's file.");
        ThrowIfUnreadable(real);
        var files = new DatabaseFiles(real);
        ThrowIfUnreadableBeside(files.Wal);
        ThrowIfUnreadableBeside(files.Journal);
        return files;
    }

    /// <summary>Throws when the medium or the rights keep a file from being read.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreUnavailable"/>.</exception>
    public static void ThrowIfUnreadable(string path)
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

    /// <summary>The header of the database's file; null when it does not begin as a database does.</summary>
    public DatabaseHeader? ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Length];
        using var file = Open(Path);
        return DatabaseHeader.Parse(bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]);
    }

    /// <summary>The header of the database's file.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>: it does not begin as a database does; what it is, is told.</exception>
    public DatabaseHeader RequireHeader() => ReadHeader()
        ?? throw new IntegrityException(ErrorIds.InvalidState, Identification.Of(Path), Path, "Name the database itself; where this is what is left of it, a scan of it plans what can be done.");

    /// <summary>Opens a file to read it, whoever else writes to it.</summary>
    public static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.RandomAccess);

    /// <summary>A file's length; 0 when it is not there.</summary>
    public static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

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
