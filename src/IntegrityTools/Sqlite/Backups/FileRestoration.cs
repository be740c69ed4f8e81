using System.Diagnostics;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>
/// Puts a backup's database in the place of the present one, or takes it out again. At every moment a reader finds the old state with all that its log
/// holds, or the new one: the new file is made whole and checked beside the old one; the old files are copied aside; SQLite brings the
/// old log into the old file, which is then complete without it; then one rename changes them.
/// </summary>
internal sealed class FileRestoration(string path, RepairContext context) : IDisposable
{
    // EBUSY: what rename answers for a name at which something is mounted.
    private const int MountedBusy = 16;

    private static readonly AsyncLocal<Action<string>?> Watcher = new();
    private readonly DatabaseFiles files = DatabaseFiles.At(path);
    private DatabaseHold? hold;

    /// <summary>For tests: told before each change of the files what comes next.</summary>
    internal static Action<string>? Reached
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    private string RecordPath => FileCopies.ManifestOf(context.BackupPath);

    /// <summary>True for a plan that replaces the whole file.</summary>
    public static bool Does(IReadOnlyList<RepairOperation> operations) => operations is [{ Action: RestoreBackupAction or RemoveRestoredAction }];

    /// <summary>Copies the present files aside, as a backup of their own; nobody else can write to the database from here on.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>: another process has the database open. Nothing is saved then, and the run counts as not begun.</exception>
    public Task<BackupRecord> SaveAsync(RepairOperation operation, CancellationToken cancellationToken) => GuardAsync(ErrorIds.BackupFailed, async () =>
    {
        _ = Looked(operation, context.Undoing ? OpenElsewhere.ForUndo : OpenElsewhere.ForRestore);

        // A log that nothing vouches for is not brought into the file when both come back. Looked at before our own connection makes an index of it.
        var method = !files.Exists || files.HasKnownWal ? "file_copy" : FileCopies.WithLog;
        Take();
        var manifest = await FileCopies.SaveAsync(files, RecordPath, method, cancellationToken).ConfigureAwait(false);
        var (_, sha256, length) = await FileDigest.OfAsync(manifest.Path, cancellationToken).ConfigureAwait(false);
        return new BackupRecord(manifest.Path, sha256, length, manifest.Files.Count, 0);
    });

    /// <summary>Changes the files, or tells why not.</summary>
    public Task<RepairResult> ApplyAsync(RepairOperation operation, CancellationToken cancellationToken) => GuardAsync(ErrorIds.OperationFailed, async () =>
    {
        var watch = Stopwatch.StartNew();
        var result = operation.Action is RestoreBackupAction restore
            ? await ReplaceAsync(operation, restore, cancellationToken).ConfigureAwait(false)
            : await RemoveAsync(operation, cancellationToken).ConfigureAwait(false);
        return result with { DurationMs = watch.Elapsed.TotalMilliseconds };
    });

    /// <inheritdoc/>
    public void Dispose() => hold?.Dispose();

    private async Task<RepairResult> ReplaceAsync(RepairOperation operation, RestoreBackupAction restore, CancellationToken cancellationToken)
    {
        var backup = BackupFolder.Read(restore.ManifestPath);
        await BackupFolder.ThrowIfDamagedAsync([backup], cancellationToken).ConfigureAwait(false);
        var folder = Path.GetDirectoryName(files.Path)!;
        Directory.CreateDirectory(folder);
        TemporaryFiles.RemoveAbandoned(folder);
        using var prepared = await PreparedDatabase.MakeAsync(backup, files.Path, cancellationToken).ConfigureAwait(false);
        var after = new FileSetPrecondition(prepared.Files);
        Take();
        var now = await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false);
        if (FileStates.AreSame(now, prepared.Files))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, after);
        }

        // Killed between the file and its log, which only a damaged database has beside it.
        var begun = context.Resuming && now.Count > 0 && now.All(prepared.Files.Contains);
        if (!begun && !await IsAsPlannedAsync(operation, now, cancellationToken).ConfigureAwait(false))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRestore.StaleMessage(files.Path, restore));
        }

        string? told = null;
        if (!begun)
        {
            told = Told(operation);
            Exchange(prepared);
        }

        // Closed later, a connection to the old file would remove a journal that was put beside the new one.
        Release();
        foreach (var file in prepared.Files.Where(file => file.Role != DatabaseFiles.Database))
        {
            Reached?.Invoke(file.Role);
            File.Move(prepared.Path + DatabaseFiles.EndingOf(file.Role), files.Path + DatabaseFiles.EndingOf(file.Role), overwrite: true);
        }

        FolderSync.Flush(folder);
        return FileStates.AreSame(await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false), prepared.Files)
            ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, told, after)
            : RepairResult.Of(
                context.ExecutionId, operation, OperationOutcome.Failed, "The file does not read back as it was written. Check the disk; what stood there before was set aside.", after);
    }

    private void Exchange(PreparedDatabase prepared)
    {
        var made = File.Exists(prepared.Path);
        if (hold is not null && made && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(prepared.Path, File.GetUnixFileMode(files.Path));
            FileOwner.Copy(files.Path, prepared.Path);
        }

        Reached?.Invoke("settle");
        hold?.Settle();
        FolderSync.Flush(Path.GetDirectoryName(files.Path)!);
        Reached?.Invoke("companions");
        files.RemoveCompanions();
        FolderSync.Flush(Path.GetDirectoryName(files.Path)!);
        Reached?.Invoke("file");
        if (OperatingSystem.IsWindows())
        {
            Release(); // Windows renames nothing over a file that is open.
        }

        if (made)
        {
            File.Move(prepared.Path, files.Path, overwrite: true);
        }
        else
        {
            // What was set aside was a log or a journal alone, which a connection that is closed later could remove.
            File.Delete(files.Path);
            Release();
        }

        Reached?.Invoke("flush");
    }

    private async Task<RepairResult> RemoveAsync(RepairOperation operation, CancellationToken cancellationToken)
    {
        var after = new FileSetPrecondition([]);
        Take();
        if (hold is null)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, after);
        }

        if (!await IsAsPlannedAsync(operation, await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRestore.StaleMessage(files.Path, operation.Action));
        }

        var told = Told(operation);
        hold.Settle();
        files.RemoveCompanions();
        Release();
        Reached?.Invoke("file");
        File.Delete(files.Path);
        FolderSync.Flush(Path.GetDirectoryName(files.Path)!);
        return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, told, after);
    }

    private async Task<bool> IsAsPlannedAsync(RepairOperation operation, IReadOnlyList<FileState> now, CancellationToken cancellationToken)
    {
        if (FileStates.AreSame(now, ((FileSetPrecondition)operation.Precondition).Files))
        {
            return true;
        }

        if (!context.Resuming || !File.Exists(RecordPath))
        {
            return false;
        }

        // SQLite may have been cut off while it brought the log into the file.
        return await FileStates
            .MeanTheSameAsync(files, BackupFolder.Read(RecordPath).Files, Path.GetDirectoryName(RecordPath)!, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses a file that another process has open, unless that is to be disregarded.</summary>
    /// <returns>What could not be seen, for a person.</returns>
    private string? Looked(RepairOperation operation, string nextStep) =>
        context.WhileOpen || operation.Action is RestoreBackupAction { WhileOpen: true } or RemoveRestoredAction { Restored.WhileOpen: true } ? null : OpenElsewhere.ThrowIfOpen(files.Path, nextStep);

    /// <summary>What a person must know of the file that is replaced or removed; looked for just before.</summary>
    private string? Told(RepairOperation operation) =>
        string.Join(' ', new[] { Looked(operation, OpenElsewhere.ForBegun), OtherNames.Remark(files.Path) }.OfType<string>()) is { Length: > 0 } told ? told : null;

    private void Take() => hold ??= files.Exists ? DatabaseHold.Take(files) : null;

    private void Release()
    {
        hold?.Dispose();
        hold = null;
    }

    private async Task<T> GuardAsync<T>(string errorId, Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or SqliteException)
        {
            // The last is what the platform makes of a file that is too large for its file system.
            throw new IntegrityException(
                errorId,
                $"The database could not be restored: {exception.Message}",
                files.Path,
                exception.HResult == MountedBusy && !OperatingSystem.IsWindows()
                    ? "The file is a mount of its own, as one that a container is given by itself, and nothing can take its place there: restore it where it comes from, by the path outside, or mount its folder."
                    : "Make room or give the folder's rights, then run the command again.",
                exception);
        }
    }
}
