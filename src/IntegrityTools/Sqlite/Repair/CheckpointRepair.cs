using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Writes a log into its database, of which both are saved first: whose a log is its bytes do not tell for sure.</summary>
internal static class CheckpointRepair
{
    /// <summary>Saves what the database and its log are, unless the execution has.</summary>
    /// <param name="files">The database, held by this process alone.</param>
    /// <param name="context">The repair.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Where; null: it was saved, and others have changed it since.</returns>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.BackupFailed"/>: nothing may be written.</exception>
    public static string? Save(DatabaseFiles files, RepairContext context, CancellationToken cancellationToken)
    {
        var manifest = FileCopies.ManifestOf(context.BackupPath);
        try
        {
            if (!File.Exists(manifest))
            {
                return FileCopies.SaveAsync(files, manifest, FileCopies.WithLog, cancellationToken).GetAwaiter().GetResult().Path;
            }

            return !context.Resuming || FileStates
                .MeanTheSameAsync(files, BackupFolder.Read(manifest).Files, Path.GetDirectoryName(manifest)!, cancellationToken).GetAwaiter().GetResult() ? manifest : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last is what the platform makes of a file that is too large for its file system.
            throw new IntegrityException(
                ErrorIds.BackupFailed,
                $"The database and its log could not be saved before anything is written to them, so nothing was: {exception.Message}",
                manifest,
                "Make room for a copy of both, or give the folder's rights, then resume the execution; the backups stand beside the ledger.",
                exception);
        }
    }

    /// <summary>Where a checkpoint has saved the file and the log, as the source of its undo; null when it found no log.</summary>
    public static UndoSource? SavedBy(AppliedOperation done, UndoSource source) =>
        done.Operation.Action is CheckpointAction && FileCopies.ManifestOf(source.Backup.Path) is var manifest && File.Exists(manifest)
            ? source with { Backup = source.Backup with { Path = manifest } }
            : null;

    /// <summary>Saves both, and then does the checkpoint.</summary>
    /// <param name="writer">A connection that keeps all others out.</param>
    /// <param name="files">The database.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="context">The repair.</param>
    /// <param name="cancellationToken">Cancels the saving.</param>
    public static RepairResult Run(SqliteConnection writer, DatabaseFiles files, RepairOperation operation, RepairContext context, CancellationToken cancellationToken)
    {
        if (Save(files, context, cancellationToken) is not { } saved)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.Stale(operation), null);
        }

        using (var command = writer.Prepare("PRAGMA wal_checkpoint(TRUNCATE)"))
        using (var reader = command.ExecuteReader())
        {
            if (!reader.Read() || reader.GetInt64(0) != 0)
            {
                return RepairResult.Of(
                    context.ExecutionId, operation, OperationOutcome.Failed, "The checkpoint did not get through: some reader still needs the -wal. Resume the execution later.", null);
            }
        }

        // Nothing of the log is left to keep.
        writer.LeaveLogOnClose(false);
        var after = new FileSetPrecondition(FileStates.OfAsync(files, cancellationToken).GetAwaiter().GetResult());
        return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, $"The file and the -wal as they stood are in '{saved}'.", after);
    }
}
