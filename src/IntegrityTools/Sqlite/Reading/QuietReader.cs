using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Reading;

/// <summary>
/// Reads a database so that no file appears or changes. SQLite's mode=ro alone leaves a -shm and a -wal behind, and immutable=1 alone
/// ignores a -wal; what is right depends on which files are there.
/// </summary>
internal sealed class QuietReader : IDisposable
{
    private const int MostReadings = 5;
    private const int MostSnapshots = 200;
    private const int CopyBuffer = 1 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly string before;
    private readonly DirectoryInfo? scratch;
    private readonly CancellationTokenRegistration interruption;

    private QuietReader(DatabaseFiles files, ReadingMode mode, string before, DirectoryInfo? scratch, SqliteConnection connection, CancellationToken token)
    {
        Files = files;
        Data = scratch is null ? files : DatabaseFiles.Find(Path.Combine(scratch.FullName, Path.GetFileName(files.Path)));
        Mode = mode;
        this.before = before;
        this.scratch = scratch;
        Connection = connection;
        interruption = token.Register(() => raw.sqlite3_interrupt(connection.Handle));
    }

    /// <summary>The database's own files.</summary>
    public DatabaseFiles Files { get; }

    /// <summary>The files that are read: the database's own, or their copies.</summary>
    public DatabaseFiles Data { get; }

    /// <summary>How it is read.</summary>
    public ReadingMode Mode { get; }

    /// <summary>What another connection opens to read in the same way.</summary>
    public string Source => SourceOf(Data.Path, Mode);

    /// <summary>The connection, which reads only. Cancelling interrupts what runs on it.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>True when another process wrote since the reader was opened, so that what was read may be torn.</summary>
    public bool HasMoved => Mode is ReadingMode.Immutable or ReadingMode.Copy && Files.Snapshot() != before;

    /// <summary>Opens a database.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="underLock">True to hold a reader's lock rather than read what may move.</param>
    /// <param name="cancellationToken">Cancels, also what runs on the connection later.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreUnavailable"/>: another process keeps it locked.</exception>
    public static QuietReader Open(DatabaseFiles files, bool underLock, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MostReadings; attempt++)
        {
            // The last process that closes the database removes its log, or its journal: then it is read without.
            if (OpenAsItIs(files, underLock, cancellationToken) is { } reader)
            {
                return reader;
            }
        }

        throw Moved(files);
    }

    /// <summary>Opens the file as it stands, whatever lies beside it.</summary>
    public static QuietReader WithoutLog(DatabaseFiles files, CancellationToken cancellationToken) => Open(files, ReadingMode.Immutable, files.Snapshot(), null, cancellationToken);

    // Null when what stood beside the database was removed meanwhile.
    private static QuietReader? OpenAsItIs(DatabaseFiles files, bool underLock, CancellationToken cancellationToken)
    {
        var before = files.Snapshot();
        var journal = RollbackJournal.IsThere(files.Journal);
        var companion = journal ? files.Journal : files.Wal;
        if (journal || (files.HasShm && File.Exists(files.Wal)))
        {
            try
            {
                return Open(files, journal ? ReadingMode.Locked : ReadingMode.Shared, before, null, cancellationToken);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN)
            {
                // The journal is hot, or the index of the log is one that a killed process left half made.
                return Copy(files, companion, before, cancellationToken);
            }
        }

        if (files.HasWal)
        {
            return Copy(files, companion, before, cancellationToken);
        }

        return Open(files, underLock && files.ReadHeader() is { IsWal: false } ? ReadingMode.Locked : ReadingMode.Immutable, before, null, cancellationToken);
    }

    /// <summary>Reads something short: once, and when another process wrote meanwhile again, under a reader's lock where there is one to have.</summary>
    /// <param name="files">The database's files.</param>
    /// <param name="work">What is read. What it throws over pages of two moments is not told.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">As for <see cref="Open(DatabaseFiles, bool, CancellationToken)"/>; <see cref="ErrorIds.StoreUnavailable"/> also when others wrote each time.</exception>
    public static T Read<T>(DatabaseFiles files, Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MostReadings; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var reader = Open(files, underLock: attempt > 1, cancellationToken);
            try
            {
                var read = work(reader.Connection);
                if (!reader.HasMoved)
                {
                    return read;
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException && !cancellationToken.IsCancellationRequested && reader.HasMoved)
            {
                // Pages of two moments.
            }
        }

        throw Moved(files);
    }

    private static IntegrityException Moved(DatabaseFiles files) => new(
        ErrorIds.StoreUnavailable, $"Other processes wrote to the database each of the {MostReadings} times that it was read.", files.Path,
        "Run the command again when they write less.");

    /// <summary>Opens a database to read single rows of it while others may write: in one snapshot, or, where there is none to have, under a reader's lock for each, unless another process keeps it locked.</summary>
    /// <param name="path">The database.</param>
    /// <param name="cancellationToken">Cancels, also what runs on the connection later.</param>
    public static QuietReader ForRows(string path, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        try
        {
            return Open(files, underLock: true, cancellationToken);
        }
        catch (IntegrityException failure) when (failure.ErrorId == ErrorIds.StoreUnavailable && failure.InnerException is SqliteException)
        {
            return Open(files, underLock: false, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        interruption.Dispose();
        Connection.Dispose();
        Remove(scratch);
    }

    /// <summary>Copies the database with its log or journal, so that SQLite may do on the copy what it must not do on the files. Null when that is gone.</summary>
    private static QuietReader? Copy(DatabaseFiles files, string companion, string before, CancellationToken cancellationToken)
    {
        DirectoryInfo? scratch = null;
        try
        {
            scratch = Directory.CreateTempSubdirectory("integrity-");
            var copy = Path.Combine(scratch.FullName, Path.GetFileName(files.Path));
            using (var database = DatabaseFiles.Open(files.Path))
            using (var writing = new FileStream(copy, PrivateFile.Options()))
            {
                database.CopyTo(writing, CopyBuffer);
            }

            try
            {
                File.Copy(companion, copy + companion[files.Path.Length..]);
            }
            catch (FileNotFoundException)
            {
                Remove(scratch);
                return null;
            }

            foreach (var file in scratch.EnumerateFiles())
            {
                file.IsReadOnly = false;
            }

            return Open(files, ReadingMode.Copy, before, scratch, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Remove(scratch);
            throw new IntegrityException(
                ErrorIds.StoreUnavailable,
                $"The database has a {Path.GetFileName(companion)} that no process has open, and can be read without changing it only in a copy, "
                    + $"which could not be made: {exception.Message}",
                files.Path,
                "Make room in the folder for temporary files and give the right to write to it, or name another one in TMPDIR (Windows: TEMP).",
                exception);
        }
        catch
        {
            Remove(scratch);
            throw;
        }
    }

    private static QuietReader Open(DatabaseFiles files, ReadingMode mode, string before, DirectoryInfo? scratch, CancellationToken cancellationToken)
    {
        SqliteRuntime.Initialize();
        var source = SourceOf(scratch is null ? files.Path : Path.Combine(scratch.FullName, Path.GetFileName(files.Path)), mode);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode == ReadingMode.Copy ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            connection.OpenFile(scratch is null ? files.Path : source);
            BusyWait.Set(connection, Longest);
            connection.Run("PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;");

            // The first read takes the lock, or tells that it cannot be had.
            if (mode == ReadingMode.Shared)
            {
                TakeSnapshot(connection, cancellationToken);
            }
            else
            {
                connection.Run("PRAGMA schema_version");
            }

            return new QuietReader(files, mode, before, scratch, connection, cancellationToken);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            connection.Dispose();
            throw ReadRefusal.From(exception, files.Path);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            // What is wrong is for the checks to tell.
            return new QuietReader(files, mode, before, scratch, connection, cancellationToken);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes a snapshot, in which all is read then. A reader that may not write the log's index can only share a place in it that another reader has marked for the newest commit:
    /// between a commit and that mark there is none for a moment.
    /// </summary>
    private static void TakeSnapshot(SqliteConnection connection, CancellationToken cancellationToken)
    {
        connection.Run("BEGIN");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                connection.Run("PRAGMA schema_version");
                return;
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_READONLY && attempt < MostSnapshots)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Thread.Sleep(1);
            }
        }
    }

    private static string SourceOf(string path, ReadingMode mode) => mode switch
    {
        ReadingMode.Immutable => UriOf(path) + "?immutable=1",
        ReadingMode.Shared => UriOf(path) + "?readonly_shm=1",
        _ => path,
    };

    private static string UriOf(string path)
    {
        var escaped = string.Join('/', path.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').Split('/').Select(Uri.EscapeDataString));
        return "file://" + (escaped.StartsWith('/') ? escaped : "/" + escaped.Replace("%3A", ":", StringComparison.Ordinal));
    }

    private static void Remove(DirectoryInfo? scratch)
    {
        try
        {
            scratch?.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A copy that stays in the folder for temporary files is the system's to remove.
        }
    }
}
