using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>
/// Copies a database that nobody has open by VACUUM INTO, while it is checked. It holds up nobody, and no file appears beside the database: the -shm and the empty -wal that SQLite's own
/// readers leave behind pass for an application's, and cannot be made on a medium that is read only.
/// </summary>
/// <param name="files">The database.</param>
/// <param name="request">What is asked for.</param>
/// <param name="remarks">Told what a reader of the backup must know.</param>
/// <param name="check">Checks the database, and counts the rows of its tables.</param>
internal sealed class QuietCopy(
    DatabaseFiles files, BackupRequest request, List<string> remarks, Func<SqliteConnection, (IReadOnlyList<string> Findings, SortedDictionary<string, long> Counts)> check)
{
    private static readonly TimeSpan InterruptEvery = TimeSpan.FromMilliseconds(50);
    private static readonly AsyncLocal<Action?> Watcher = new();

    /// <summary>For tests: told when the copy is made, before it is asked whether others wrote meanwhile.</summary>
    internal static Action? HasCopied
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    /// <summary>Copies the database.</summary>
    /// <param name="temporary">The new file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What is wrong with the database, the rows of its tables and the method; null: others have it open or wrote meanwhile, and there is no copy.</returns>
    public async Task<(IReadOnlyList<string> Findings, SortedDictionary<string, long> Counts, string Method)?> RunAsync(string temporary, CancellationToken cancellationToken)
    {
        if (files.HasShm || RollbackJournal.IsThere(files.Journal) || OpenElsewhere.Find(files.Path).Process is not null)
        {
            return null;
        }

        using var reader = Open(cancellationToken);
        if (reader is not { Mode: ReadingMode.Immutable or ReadingMode.Copy })
        {
            return null;
        }

        var told = remarks.Count;
        try
        {
            if (files.ReadHeader() is { IsWal: false })
            {
                // Who gets a reader's lock once, and sees no write since, has read what was committed: a transaction can have pages in the file without any journal.
                using var looking = SqliteContent.Open(files.Path, SqliteOpenMode.ReadOnly);
                _ = await SqliteContent.RunAsync(looking, () => SqliteContent.Number(looking, "schema_version"), cancellationToken).ConfigureAwait(false);
            }

            var copied = await CheckWhileCopyingAsync(reader, temporary, cancellationToken).ConfigureAwait(false);
            HasCopied?.Invoke();
            if (!reader.HasMoved)
            {
                return copied;
            }
        }
        catch (SqliteException) when (!cancellationToken.IsCancellationRequested && reader.HasMoved)
        {
            // Pages of two moments.
        }

        remarks.RemoveRange(told, remarks.Count - told);
        DatabaseFiles.At(temporary).Remove();
        return null;
    }

    private QuietReader? Open(CancellationToken cancellationToken)
    {
        try
        {
            return QuietReader.Open(files, underLock: false, cancellationToken);
        }
        catch (IntegrityException failure) when (failure.ErrorId == ErrorIds.StoreUnavailable)
        {
            return null; // No room for a copy of it with its log, or locked, which is told by who waits for the lock.
        }
    }

    private async Task<(IReadOnlyList<string> Findings, SortedDictionary<string, long> Counts, string Method)> CheckWhileCopyingAsync(
        QuietReader reader, string temporary, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var source = reader.Connection;
        using var copied = SqliteContent.Open(reader);
        var copy = SqliteContent.RunAsync(copied, () => new SqliteCopy(copied, temporary, remarks, request.Progress, stop.Token).Vacuum(), stop.Token);
        var checking = SqliteContent.RunAsync(source, () => check(source), stop.Token);
        try
        {
            if (await Task.WhenAny(copy, checking).ConfigureAwait(false) == copy && HasNoPlace(copy))
            {
                _ = await copy.ConfigureAwait(false);
            }

            var (findings, counts) = await checking.ConfigureAwait(false);
            return (findings, counts, findings.Count > 0 ? string.Empty : await copy.ConfigureAwait(false));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(copy).ConfigureAwait(false);
            while (await Task.WhenAny(checking, Task.Delay(InterruptEvery, CancellationToken.None)).ConfigureAwait(false) != checking)
            {
                // SQLite forgets an interruption that comes before the statement.
                raw.sqlite3_interrupt(source.Handle);
            }
        }
    }

    // What stands in the way of the new file is told at once; of any other failure the check may know the reason, which is the source's damage.
    private static bool HasNoPlace(Task copy) => copy.Exception?.InnerException switch
    {
        SqliteException failure => failure.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY,
        null => false,
        _ => true,
    };
}
