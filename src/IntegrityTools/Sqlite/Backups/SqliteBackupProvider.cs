using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Backs up SQLite databases, and restores them.</summary>
internal sealed class SqliteBackupProvider : IBackupProvider
{
    /// <inheritdoc/>
    public string Kind => "sqlite";

    /// <inheritdoc/>
    public Task<BackupManifest> BackUpAsync(BackupRequest request, CancellationToken cancellationToken) => new SqliteBackup(request).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<RestoreProposal> ProposeRestoreAsync(RestoreRequest request, CancellationToken cancellationToken) =>
        SqliteRestore.ProposeAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task PrepareAsync(BackupTarget target, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<BackupVerification> TestAsync(
        IReadOnlyList<BackupManifest> chain, BackupTarget? target, IntegrityConfiguration? scan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var backup = chain[^1];
        var result = new BackupVerification { BackupId = backup.Id, Path = backup.Path, Faults = [], Counts = backup.Counts };
        if (scan is null || backup.Mode != BackupMode.Full)
        {
            return result; // Evidence has no content to rely on; what was just written was checked before it got its name.
        }

        var folder = Directory.CreateTempSubdirectory("integrity-restore-").FullName;
        try
        {
            using var made = await PreparedDatabase.MakeAsync(backup, Path.Combine(folder, "restored.db"), cancellationToken).ConfigureAwait(false);
            using var restored = SqliteContent.Open(made.Path, SqliteOpenMode.ReadOnly);
            var counts = SqliteContent.Count(restored);
            var (orphans, notChecked) = SqliteContent.CountOrphans(restored);
            return result with
            {
                Counts = counts,
                RestoredTo = made.Path,
                IssuesByType = new[] { (Type: IssueTypes.ForeignKeyViolation, Count: orphans), (Type: IssueTypes.UncheckedConstraint, Count: notChecked) }
                    .Where(found => found.Count > 0).ToDictionary(found => found.Type, found => found.Count),
                Faults =
                [
                    .. backup.Counts.Where(table => counts.GetValueOrDefault(table.Key, -1) != table.Value).Select(table => new BackupFault(
                        backup.Path, $"table {table.Key}",
                        string.Create(CultureInfo.InvariantCulture, $"It has {Counted.Of(counts.GetValueOrDefault(table.Key), "row")}, and was written with {table.Value}."))),
                ],
            };
        }
        catch (IntegrityException failure) when (failure.ErrorId == ErrorIds.DamagedFile)
        {
            return result with { Faults = [new BackupFault(failure.Target ?? backup.Path, null, failure.Message)] };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
