using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Tells what restoring a database would do, and the one operation that does it.</summary>
internal static class SqliteRestore
{
    private const string NotCompared = "There is a database already, and it is not, byte for byte, what the backup makes of it; which of the two is newer, nothing in them tells.";

    /// <summary>The report, and the operation unless there is nothing to do.</summary>
    public static async Task<RestoreProposal> ProposeAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.At(request.Target.Reference.Address.Path!);
        if (request.Subjects.Count > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "A SQLite database is restored as a whole.", files.Path,
                "Leave the subjects out; restore under another name and copy the rows that you need.");
        }

        var there = files.Exists;
        if (there || Directory.Exists(files.Path))
        {
            files.Require();
        }

        var backup = request.Chain[^1];
        if (there && !request.Overwrite && await IsThereAlreadyAsync(backup, files, cancellationToken).ConfigureAwait(false))
        {
            return new RestoreProposal(Report(request, backup, unchanged: 1), []);
        }

        var report = Report(request, backup, unchanged: 0) with
        {
            Created = !there,
            Written = !there || request.Overwrite ? 1 : 0,
            Newer = there ? [files.Path] : [],
            Overwritten = there && request.Overwrite,
        };
        if (report.Written == 0)
        {
            return new RestoreProposal(report with { Remarks = [NotCompared] }, []);
        }

        if (there && !request.WhileOpen)
        {
            report = Looked(report, files.Path);
        }

        if (there && OtherNames.Remark(files.Path) is { } names)
        {
            report = report with { Remarks = [.. report.Remarks, names] };
        }

        if (request.DryRun)
        {
            return new RestoreProposal(report, []);
        }

        var before = new FileSetPrecondition(await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false));
        return new RestoreProposal(report, [Restore(backup, files, before, request.WhileOpen)]);
    }

    private static RestoreReport Report(RestoreRequest request, BackupManifest backup, long unchanged) => new()
    {
        BackupId = backup.Id,
        Store = request.Target.Reference.Address.Canonical,
        DryRun = request.DryRun,
        Created = false,
        Written = 0,
        Unchanged = unchanged,
        Newer = [],
        Overwritten = false,
    };

    /// <summary>True when the file is, byte for byte, what the restore would make of it.</summary>
    private static async Task<bool> IsThereAlreadyAsync(BackupManifest backup, DatabaseFiles files, CancellationToken cancellationToken)
    {
        // To make it costs time and room: of another length it is another file.
        if (backup.Files is not [var only] || files.Present.ToList() is not [var (_, path)] || new FileInfo(path).Length != only.Length)
        {
            return false;
        }

        using var made = await MakeAsync(backup, files, cancellationToken).ConfigureAwait(false);
        return FileStates.AreSame(await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false), made.Files);
    }

    private static Task<PreparedDatabase> MakeAsync(BackupManifest backup, DatabaseFiles files, CancellationToken cancellationToken) =>
        PreparedDatabase.MakeAsync(backup, Path.Combine(Path.GetTempPath(), Path.GetFileName(files.Path)), cancellationToken);

    /// <summary>Refuses a file that another process has open; a dry run tells that it would be.</summary>
    private static RestoreReport Looked(RestoreReport report, string path)
    {
        var remark = report.DryRun && OpenElsewhere.Find(path).Process is { } open
            ? $"{open} has the database open: the restore would be refused. {OpenElsewhere.ForRestore}"
            : OpenElsewhere.ThrowIfOpen(path, OpenElsewhere.ForRestore);
        return remark is null ? report : report with { Remarks = [.. report.Remarks, remark] };
    }

    /// <summary>What is told of a database that is not as it was when the plan was made, or of an undo as the restore left it.</summary>
    public static string StaleMessage(string path, RepairAction? action) => action is RestoreBackupAction restore
        ? $"The database was changed meanwhile: it is left alone. To put what the plan would have put there in its place all the same, with what stands there set aside: 'integrity restore \"{restore.ManifestPath}\" --to \"{path}\" --overwrite' (Restore-IntegrityStore -Overwrite)."
        : "The database was changed since it was restored: it is left alone. To be rid of it, remove it by hand.";

    /// <summary>Tells what a run would do now.</summary>
    public static async Task<RepairResult> PreviewAsync(string path, RepairOperation operation, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.At(path);
        var now = await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false);
        return FileStates.AreSame(now, ((FileSetPrecondition)operation.Precondition).Files)
            ? RepairResult.Of("dry-run", operation, OperationOutcome.WouldApply, operation.Reason)
            : RepairResult.Of("dry-run", operation, OperationOutcome.Stale, StaleMessage(files.Path, operation.Action));
    }

    /// <summary>The inverse of a restore or of its undo; null when it was cut off before it changed anything.</summary>
    public static async Task<RepairOperation?> InvertAsync(string path, AppliedOperation applied, UndoSource source, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.At(path);
        var saved = IntegrityTools.Backups.BackupFolder.Read(source.Backup.Path);
        var after = applied.Result?.After as FileSetPrecondition;
        if (after is null)
        {
            var now = await FileStates.OfAsync(files, cancellationToken).ConfigureAwait(false);
            if (FileStates.AreSame(now, [.. saved.Files.Select(file => new FileState(file.Role, file.Sha256, file.Length))]))
            {
                return null;
            }

            after = new FileSetPrecondition(now);
            if (!await FileStates.MeanTheSameAsync(files, saved.Files, Path.GetDirectoryName(saved.Path)!, cancellationToken).ConfigureAwait(false)
                && !await IsResultAsync(applied.Operation, files, now, cancellationToken).ConfigureAwait(false))
            {
                return Restore(saved, files, after) with
                {
                    NeedsReview = true,
                    Action = null,
                    Reason = "The database is neither what it was before the restore nor what the restore makes of it: it was changed since. What was replaced is in "
                        + $"'{saved.Path}'.",
                };
            }
        }

        if (saved.Files.Count > 0)
        {
            return Restore(saved, files, after) with { Reason = $"Takes back {source.Execution.Id}: the files that it set aside return." };
        }

        return Restore(saved, files, after) with
        {
            Type = OperationTypes.RemoveRestored,
            Reason = $"Takes back {source.Execution.Id}: there was no file before. What stands there is saved first.",
            Action = applied.Operation.Action is RestoreBackupAction restored ? new RemoveRestoredAction(restored, saved.Path) : null,
        };
    }

    private static async Task<bool> IsResultAsync(RepairOperation operation, DatabaseFiles files, IReadOnlyList<FileState> now, CancellationToken cancellationToken)
    {
        if (operation.Action is not RestoreBackupAction restore)
        {
            return now.Count == 0;
        }

        using var made = await MakeAsync(IntegrityTools.Backups.BackupFolder.Read(restore.ManifestPath), files, cancellationToken).ConfigureAwait(false);
        return now.Count > 0 && now.All(made.Files.Contains);
    }

    private static RepairOperation Restore(BackupManifest backup, DatabaseFiles files, FileSetPrecondition before, bool whileOpen = false) => new()
    {
        Type = OperationTypes.RestoreBackup,
        IssueId = backup.Id,
        Subject = files.Path,
        Risk = before.Files.Count == 0 ? Risk.Low : Risk.High,
        Strategy = Strategy.Manual,
        Reason = $"The whole file, as {backup.Id} of {backup.CreatedAt:u} has it; what stands there is set aside first.",
        Precondition = before,
        Action = new RestoreBackupAction { BackupId = backup.Id, ManifestPath = backup.Path, Creates = before.Files.Count == 0, WhileOpen = whileOpen },
    };
}
