using System.Diagnostics;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Copies a database while others write to it.</summary>
/// <param name="source">The database.</param>
/// <param name="target">The new file, for its owner alone, a full path: SQLite reads a name that begins with file: as a URI.</param>
/// <param name="remarks">Told what a reader of the backup must know.</param>
/// <param name="progress">Told of the pages.</param>
/// <param name="cancellationToken">Cancels.</param>
internal sealed class SqliteCopy(SqliteConnection source, string target, List<string> remarks, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
{
    /// <summary>By VACUUM INTO: rows, in a new order of pages.</summary>
    public const string Rows = "vacuum_into";

    /// <summary>By the online backup API: pages, as they are.</summary>
    public const string Pages = "online_backup";

    private const int PagesAtOnce = 2_000;
    private const int MostRestarts = 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// When nobody else has the database open: by VACUUM INTO. The online backup API takes over where that
    /// will not do, since it runs the schema: with collations or functions that only the application has.
    /// </summary>
    /// <returns>The method that was used.</returns>
    public string Vacuum()
    {
        PrivateFile.Make(target);
        try
        {
            source.Run("VACUUM main INTO $target", ("$target", target));
            return Rows;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            remarks.Add($"Copied page by page, since VACUUM INTO would not do: {failure.Message}");
            InSteps();
            return Pages;
        }
    }

    /// <summary>
    /// In WAL mode beside others: the pages of one snapshot. It is through several times sooner than VACUUM INTO, and nobody can put the log back to its beginning before it is.
    /// </summary>
    /// <returns>The rows of each table in that snapshot; null when they cannot be counted, which the check of the copy explains.</returns>
    public SortedDictionary<string, long>? OneMoment()
    {
        using var snapshot = source.BeginTransaction(deferred: true);
        _ = SqliteContent.Number(source, "schema_version");
        CopyPages(oneMoment: true);
        try
        {
            return SqliteContent.Count(source);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR)
        {
            return null;
        }
    }

    /// <summary>In rollback mode, where a reader keeps writers out: the pages in steps, with the writers in between.</summary>
    public void InSteps() => CopyPages(oneMoment: false);

    private void CopyPages(bool oneMoment)
    {
        PrivateFile.Make(target);
        using var copy = SqliteContent.Open(target, SqliteOpenMode.ReadWriteCreate);
        copy.Run("PRAGMA synchronous = OFF");
        using var backup = raw.sqlite3_backup_init(copy.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_errcode(copy.Handle), copy.Handle);
        }

        using var written = new StepFlush(target);
        var restarts = 0;
        var last = int.MaxValue;
        var waited = Stopwatch.StartNew();
        for (int code; (code = raw.sqlite3_backup_step(backup, restarts < MostRestarts ? PagesAtOnce : -1)) != raw.SQLITE_DONE;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED && waited.Elapsed < Longest)
            {
                Thread.Sleep(Pause);
                continue;
            }

            SqliteException.ThrowExceptionForRC(code, source.Handle);
            waited.Restart();
            var left = raw.sqlite3_backup_remaining(backup);
            var total = raw.sqlite3_backup_pagecount(backup);

            // Another's write makes SQLite begin again; what is left then grows.
            if (left > last && ++restarts == MostRestarts)
            {
                remarks.Add($"Writers made the copy begin again {MostRestarts} times; the rest was copied in one step, during which they had to wait.");
            }

            last = left;
            progress?.Report(new WorkProgress("Copying", total - left, total, "pages", 0));
            written.Begin();
            if (!oneMoment)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
