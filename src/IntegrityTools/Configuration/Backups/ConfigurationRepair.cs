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

    /// <summary>The file as the backup has it that the operation gives back.</summary>
    /// <exception cref="IntegrityException">The backup is gone or damaged, or does not hold it.</exception>
    public static ConfigurationFile SavedFile(RepairOperation operation) =>
        ConfigurationFile.ReadAll(ConfigurationBackupProvider.PathOf(((RestoreBackupAction)operation.Action!).ManifestPath)).FirstOrDefault(file => file.Path == operation.Subject)
            ?? throw new IntegrityException(ErrorIds.DamagedFile, "The backup does not hold this file.", operation.Subject, "Take another one.");

    /// <inheritdoc/>
    public async Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(context.BackupPath)!);
            await ConfigurationBackupProvider.WriteAsync(
                context.BackupPath, operations.Select(operation => ConfigurationFile.Read(operation.Subject, key)), cancellationToken).ConfigureAwait(false);
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
            var saved = SavedFile(operation);
            var now = ConfigurationBackupProvider.StateOf(operation.Subject);
            if (now?.Sha256 == saved.Sha256)
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, new FileSetPrecondition(now is null ? [] : [now]));
            }

            if (!Holds(operation, now))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, StaleMessage);
            }

            // What it wrote, and not what stands there: that may be another's by now, which an undo must not take for its own.
            var after = new FileSetPrecondition(Write(operation.Subject, saved));
            return ConfigurationBackupProvider.StateOf(operation.Subject)?.Sha256 == saved.Sha256
                ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, null, after)
                : RepairResult.Of(
                    context.ExecutionId, operation, OperationOutcome.Failed, "It was written, but reads back otherwise: somebody else has written it meanwhile, or the disk is at fault. Look at it.", after);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IntegrityException)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, exception.Message);
        }
    }

    private IReadOnlyList<FileState> Write(string subject, ConfigurationFile saved)
    {
        // A link stays, and what it leads to is written: a file in its place would be a copy that nobody keeps.
        var path = new FileInfo(subject) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : subject;
        var folder = Path.GetDirectoryName(path)!;
        if (saved.Open(key) is not { } content)
        {
            File.Delete(path);
            FolderSync.Flush(folder);
            return [];
        }

        Directory.CreateDirectory(folder);
        TemporaryFiles.RemoveAbandoned(folder);
        var temporary = TemporaryFiles.NameFor(path);
        using (var file = new FileStream(temporary, PrivateFile.Options()))
        {
            file.Write(content);
            FileOwner.Copy(path, temporary);
            if (!OperatingSystem.IsWindows() && saved.Mode != 0)
            {
                // Not when it is made, where the umask takes of it.
                File.SetUnixFileMode(file.SafeFileHandle, (UnixFileMode)saved.Mode);
            }

            file.FlushToDisk();
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Flush(folder);
        return [new FileState(ConfigurationBackupProvider.Role, saved.Sha256!, content.Length)];
    }
}
