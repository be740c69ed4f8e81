using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Copies a database while others write to it.</summary>
internal sealed class SqliteCopy(SqliteConnection source, IProgress<WorkProgress>? progress)
{
    private const int PagesAtOnce = 2_000;
    private const int MostRestarts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// In WAL mode by VACUUM INTO, which reads one snapshot and holds up nobody. In rollback mode that would keep writers out for as long as it
    /// takes: there the online backup API copies in steps and lets them in between. It also takes over where VACUUM INTO will not do, since
    /// that runs the schema: with collations or functions that only the application has.
    /// </summary>
    /// <param name="target">The new file, for its owner alone, a full path: SQLite reads a name that begins with file: as a URI.</param>
    /// <param name="wal">True for a database in WAL mode.</param>
    /// <param name="remarks">Told what a reader of the backup must know.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The method that was used.</returns>
    public string Copy(string target, bool wal, List<string> remarks, CancellationToken cancellationToken)
    {
        PrivateFile.Make(target);
        if (wal)
        {
            try
            {
                source.Run("VACUUM main INTO $target", ("$target", target));
                return "vacuum_into";
            }
            catch (SqliteException failure) when (failure.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                remarks.Add($"Copied page by page, since VACUUM INTO would not do: {failure.Message}");
                PrivateFile.Make(target);
            }
        }

        CopyPages(target, remarks, cancellationToken);
        return "online_backup";
    }

    private void CopyPages(string target, List<string> remarks, CancellationToken cancellationToken)
    {
        using var copy = SqliteContent.Open(target, SqliteOpenMode.ReadWriteCreate);
        copy.Run("PRAGMA synchronous = OFF");
        using var backup = raw.sqlite3_backup_init(copy.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(copy.Handle), copy.Handle);
        }

        var restarts = 0;
        var last = int.MaxValue;
        var deadline = DateTime.UtcNow.AddSeconds(60);
        for (int code; (code = raw.sqlite3_backup_step(backup, restarts < MostRestarts ? PagesAtOnce : -1)) != raw.SQLITE_DONE;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED && DateTime.UtcNow < deadline)
            {
                Thread.Sleep(Pause);
                continue;
            }

            SqliteException.ThrowExceptionForRC(code, source.Handle);
            deadline = DateTime.UtcNow.AddSeconds(60);
            var left = raw.sqlite3_backup_remaining(backup);
            var total = raw.sqlite3_backup_pagecount(backup);

            // Another's write makes SQLite begin again; what is left then grows.
            if (left > last && ++restarts == MostRestarts)
            {
                remarks.Add($"Writers made the copy begin again {MostRestarts} times; the rest was copied in one step, during which they had to wait.");
            }

            last = left;
            progress?.Report(new WorkProgress("Copying", total - left, total, "pages", 0));
            Thread.Sleep(Pause);
        }
    }
}
