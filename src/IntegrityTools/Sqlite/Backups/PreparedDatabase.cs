using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>A backup's database, made whole and checked under a temporary name before it takes anybody's place.</summary>
internal sealed class PreparedDatabase : IDisposable
{
    private PreparedDatabase(string path) => Path = path;

    /// <summary>Where it stands.</summary>
    public string Path { get; }

    /// <summary>Its files: one, unless the backup is of a damaged database whose log SQLite cannot bring into it.</summary>
    public IReadOnlyList<FileState> Files { get; private set; } = [];

    /// <summary>Makes it beside the file that it is to replace.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="destination">The file to be replaced.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>: the backup fails its check.</exception>
    public static async Task<PreparedDatabase> MakeAsync(BackupManifest backup, string destination, CancellationToken cancellationToken)
    {
        var prepared = new PreparedDatabase(TemporaryFiles.NameFor(destination));
        try
        {
            foreach (var file in backup.Files)
            {
                await CopyAsync(
                    System.IO.Path.Combine(System.IO.Path.GetDirectoryName(backup.Path)!, file.Name), prepared.Path + DatabaseFiles.EndingOf(file.Role), cancellationToken)
                    .ConfigureAwait(false);
            }

            if (backup.Mode == BackupMode.Full)
            {
                await prepared.CheckAsync(backup, cancellationToken).ConfigureAwait(false);
            }
            else if (backup.Files.Count > 1 && backup.Method != FileCopies.WithLog)
            {
                prepared.Unite(cancellationToken);
            }

            prepared.Files = await FileStates.OfAsync(DatabaseFiles.At(prepared.Path), cancellationToken).ConfigureAwait(false);
            return prepared;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is not (raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB))
        {
            // The place where it is made gives out: as for any other file that is written there.
            prepared.Dispose();
            throw new IOException(failure.Message, failure);
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>What is left of it is removed.</summary>
    public void Dispose() => DatabaseFiles.At(Path).Remove();

    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        await using var reading = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        await using var writing = new FileStream(to, PrivateFile.Options());
        await reading.CopyToAsync(writing, cancellationToken).ConfigureAwait(false);
        writing.FlushToDisk();
    }

    private async Task CheckAsync(BackupManifest backup, CancellationToken cancellationToken)
    {
        using (var copy = SqliteContent.Open(Path, SqliteOpenMode.ReadWrite))
        {
            var findings = await SqliteContent.RunAsync(copy, () => SqliteContent.Check(copy).Damage, cancellationToken).ConfigureAwait(false);
            if (findings.Count > 0)
            {
                throw new IntegrityException(
                    ErrorIds.DamagedFile, $"The backup fails its check, so nothing was restored: {findings[0]}", backup.Path, "Take another one.");
            }

            if (backup.Settings.TryGetValue("journal_mode", out var mode) && mode.Utf8.Span.SequenceEqual("\"wal\""u8))
            {
                copy.Run("PRAGMA journal_mode = WAL");
                copy.Run("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        }

        Flush();
    }

    /// <summary>One file instead of two: the rows are the same, and one rename puts them in place. Where they would not be, it is given back file by file, as it was.</summary>
    private void Unite(CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.At(Path);
        if (files.Refusal() is not null || LogChecks.Danger(files, LogChecks.OfLogAndJournal, cancellationToken, Severity.Critical) is not null)
        {
            return;
        }

        try
        {
            using var copy = SqliteContent.Open(Path, SqliteOpenMode.ReadWrite);
            _ = SqliteContent.Number(copy, "schema_version"); // Rolls a hot journal back.
            using var command = copy.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
            using (var answer = command.ExecuteReader())
            {
                if (!answer.Read() || answer.GetInt64(0) != 0)
                {
                    return;
                }
            }
        }
        catch (SqliteException)
        {
            return; // Damaged: it is given back file by file, as it was.
        }

        File.Delete(Path + "-journal");
        Flush();
    }

    // What is deleted is empty: all of it is in the file.
    private void Flush()
    {
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.FlushToDisk();
        }

        File.Delete(Path + "-wal");
        File.Delete(Path + "-shm");
    }
}
