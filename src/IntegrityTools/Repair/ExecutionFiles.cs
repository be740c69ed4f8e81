using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>The files of one execution, as the ledger recorded them.</summary>
/// <param name="Backup">The saved state; null when the run stopped before.</param>
/// <param name="Written">The new file, for stores that are never changed in place.</param>
internal sealed record ExecutionFiles(BackupRecord? Backup, WrittenFile? Written)
{
    /// <summary>Reads them from the execution's events.</summary>
    public static async Task<ExecutionFiles> ReadAsync(ILedger ledger, string executionId, CancellationToken cancellationToken)
    {
        var files = new ExecutionFiles(null, null);
        await foreach (var entry in ledger.ReadEventsAsync(new LedgerQuery { ExecutionId = executionId }, cancellationToken).ConfigureAwait(false))
        {
            var json = entry.Event.Data.Utf8.Span;
            files = entry.Event.Kind switch
            {
                LedgerEventKinds.BackupSaved => files with { Backup = First(files.Backup, JsonSerializer.Deserialize(json, LedgerJson.Default.BackupRecord)!) },
                LedgerEventKinds.FileWritten => files with { Written = JsonSerializer.Deserialize(json, LedgerJson.Default.WrittenFile) },
                _ => files,
            };
        }

        return files;
    }

    // Of two runs that both saved, the first saw the state before: the second may have slept until the repair was done.
    private static BackupRecord First(BackupRecord? known, BackupRecord next) => known is not null && known.Path != next.Path ? known : next;

    /// <summary>Throws when the saved state is no longer as it was saved: without it nothing can be taken back.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/> or <see cref="ErrorIds.DamagedFile"/>.</exception>
    public async Task ThrowIfBackupChangedAsync(CancellationToken cancellationToken)
    {
        if (Backup is not null && (await FileDigest.OfAsync(Backup.Path, cancellationToken).ConfigureAwait(false)).Sha256 != Backup.Sha256)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile,
                "The backup was changed since it was saved: its SHA-256 is not the one in the ledger.",
                Backup.Path,
                "Nothing was written. Put the file back as it was, from a copy of the backup folder.");
        }
    }
}
