using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Configuration.Backups;

/// <summary>Gives configuration files back, each by one rename, once all that stand in their places are saved.</summary>
internal sealed class ConfigurationRepair(RepairContext context, byte[]? key) : IStoreRepair
{
    /// <summary>What is told of a file that somebody changed.</summary>
    public const string StaleMessage = "The file was changed meanwhile: it is left alone.";

    /// <inheritdoc/>
    public int BatchSize => 50;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    /// <summary>True when the file is as the operation expects it.</summary>
    public static bool Holds(RepairOperation operation, FileState? now) =>
        operation.Precondition is FileSetPrecondition before && (now is null ? before.Files.Count == 0 : before.Files.Contains(now));

    /// <inheritdoc/>
    public async Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(context.BackupPath)!);
            await ConfigurationBackupProvider.WriteAsync(
                context.BackupPath, operations.Select(operation => ConfigurationFile.Read(operation.Subject, key, _ => true)), cancellationToken).ConfigureAwait(false);
            var (_, sha256, length) = await FileDigest.OfAsync(context.BackupPath, cancellationToken).ConfigureAwait(false);
            return new BackupRecord(context.BackupPath, sha256, length, operations.Count, 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The present files could not be saved, so nothing was restored: {exception.Message}", context.BackupPath, "Make room or give the folder's rights.", exception);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RepairResult>>([.. operations.Select(Apply)]);

    /// <inheritdoc/>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => Task.FromResult<WrittenFile?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RepairResult Apply(RepairOperation operation)
    {
        try
        {
            var source = ((RestoreBackupAction)operation.Action!).ManifestPath;
            var saved = ConfigurationFile.ReadAll(ConfigurationBackupProvider.PathOf(source)).FirstOrDefault(file => file.Path == operation.Subject)
                ?? throw new IntegrityException(ErrorIds.DamagedFile, "The backup does not hold this file.", operation.Subject, "Take another one.");
            var now = ConfigurationBackupProvider.StateOf(operation.Subject);
            if (now?.Sha256 == saved.Sha256)
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, new FileSetPrecondition(now is null ? [] : [now]));
            }

            if (!Holds(operation, now))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, StaleMessage);
            }

            Write(operation.Subject, saved);
            var after = ConfigurationBackupProvider.StateOf(operation.Subject);
            return RepairResult.Of(
                context.ExecutionId, operation, after?.Sha256 == saved.Sha256 ? OperationOutcome.Applied : OperationOutcome.Failed, null, new FileSetPrecondition(after is null ? [] : [after]));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IntegrityException)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, exception.Message);
        }
    }

    private void Write(string path, ConfigurationFile saved)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (saved.Open(key) is not { } content)
        {
            File.Delete(path);
            FolderSync.Flush(folder);
            return;
        }

        Directory.CreateDirectory(folder);
        TemporaryFiles.RemoveAbandoned(folder);
        var temporary = TemporaryFiles.NameFor(path);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = saved.Mode == 0 ? UnixFileMode.UserRead | UnixFileMode.UserWrite : (UnixFileMode)saved.Mode;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Flush(folder);
    }
}
