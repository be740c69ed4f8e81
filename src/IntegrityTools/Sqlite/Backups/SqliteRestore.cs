using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>
/// Gives a database back: the new file is made whole beside the old one and checked; the old one is copied aside with its -wal and journal;
/// these are removed, since SQLite would apply them to the new file; then the new file takes the old one's name. A run that is killed
/// is run again: what it had set aside stays a backup of its own.
/// </summary>
internal sealed class SqliteRestore(RestoreRequest request)
{
    private readonly BackupManifest backup = request.Chain[^1];
    private readonly SqliteFiles present = new(request.Target.Reference.Address.Path!);

    public async Task<RestoreReport> RunAsync(CancellationToken cancellationToken)
    {
        if (request.Subjects.Count > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "A SQLite database is restored as a whole.", present.Path,
                "Leave the subjects out; restore under another name and copy the rows that you need.");
        }

        if (Directory.Exists(present.Path))
        {
            present.Require();
        }

        var there = present.Exists;
        var report = new RestoreReport
        {
            BackupId = backup.Id,
            Store = request.Target.Reference.Address.Canonical,
            DryRun = request.DryRun,
            Created = !there,
            Written = !there || request.Overwrite ? 1 : 0,
            Unchanged = 0,
            Newer = there ? [present.Path] : [],
            Overwritten = there && request.Overwrite,
        };
        if (request.DryRun || report.Written == 0)
        {
            return report;
        }

        var folder = Path.GetDirectoryName(present.Path)!;
        Directory.CreateDirectory(folder);
        TemporaryFiles.RemoveAbandoned(folder);
        RefuseIfInUse();
        var temporary = TemporaryFiles.NameFor(present.Path);
        try
        {
            foreach (var file in backup.Files)
            {
                await CopyAsync(Path.Combine(Path.GetDirectoryName(backup.Path)!, file.Name), temporary + SqliteFiles.EndingOf(file.Role), cancellationToken).ConfigureAwait(false);
            }

            if (backup.Mode == BackupMode.Full)
            {
                await CheckAsync(temporary, cancellationToken).ConfigureAwait(false);
            }

            var aside = there ? await SetAsideAsync(cancellationToken).ConfigureAwait(false) : null;
            if (there && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(present.Path));
            }

            // From here to the end nobody may open it; that none has it open was seen above.
            present.RemoveCompanions();
            File.Move(temporary, present.Path, overwrite: true);
            foreach (var file in backup.Files.Where(file => file.Role != "database"))
            {
                File.Move(temporary + SqliteFiles.EndingOf(file.Role), present.Path + SqliteFiles.EndingOf(file.Role));
            }

            FolderSync.Flush(folder);
            return report with { SetAside = aside };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed, $"The database could not be restored: {exception.Message}", present.Path,
                "Make room or give the folder's rights, then run the command again.", exception);
        }
        finally
        {
            foreach (var ending in new[] { "", "-wal", "-shm", "-journal" })
            {
                File.Delete(temporary + ending);
            }
        }
    }

    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        await using var reading = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using var writing = new FileStream(to, FileMode.Create, FileAccess.Write);
        await reading.CopyToAsync(writing, cancellationToken).ConfigureAwait(false);
        writing.Flush(flushToDisk: true);
    }

    private async Task CheckAsync(string temporary, CancellationToken cancellationToken)
    {
        using (var copy = SqliteContent.Open(temporary, SqliteOpenMode.ReadWrite))
        {
            var findings = await SqliteContent.RunAsync(copy, () => SqliteContent.Check(copy, out _), cancellationToken).ConfigureAwait(false);
            if (findings.Count > 0)
            {
                throw new IntegrityException(
                    ErrorIds.DamagedFile, $"The backup fails its check, so nothing was restored: {findings[0]}", backup.Path, "Take another one.");
            }

            if (backup.Settings.TryGetValue("journal_mode", out var mode) && mode.Utf8.Span.SequenceEqual("\"wal\""u8))
            {
                copy.Run("PRAGMA journal_mode = WAL");
                copy.Run("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        }

        await using var file = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
        File.Delete(temporary + "-wal"); // Empty: all of it is in the file.
        File.Delete(temporary + "-shm");
    }

    /// <summary>A process that has the old file open would go on writing to what nobody sees any more.</summary>
    private void RefuseIfInUse()
    {
        if (!present.Exists || present.Refusal() is not null)
        {
            return; // No database: nobody works with it.
        }

        try
        {
            // Read only first: that fails where opening it for writing would roll back what a dead process left, and so change evidence.
            using (var look = SqliteContent.Open(present.Path, SqliteOpenMode.ReadOnly, busySeconds: 1))
            {
                _ = SqliteContent.Number(look, "schema_version");
            }

            using var probe = SqliteContent.Open(present.Path, SqliteOpenMode.ReadWrite, busySeconds: 1);
            probe.Run("PRAGMA locking_mode = EXCLUSIVE");
            probe.Run("BEGIN EXCLUSIVE");
            probe.Run("ROLLBACK");
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, "Another process has the database open; it would go on with the old file.", present.Path,
                "Stop what uses it, then run the command again.", failure);
        }
        catch (SqliteException)
        {
            return; // Damaged, or left by a dead process: that may be why it is restored.
        }
    }

    private async Task<string> SetAsideAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(request.SetAsideFolder);
        var id = Identifiers.New("backup");
        var begun = DateTimeOffset.UtcNow;
        var described = new List<BackupFile>();
        foreach (var (role, path) in present.Present.ToList())
        {
            var to = Path.Combine(request.SetAsideFolder, id + ".db" + SqliteFiles.EndingOf(role));
            await CopyAsync(path, to, cancellationToken).ConfigureAwait(false);
            described.Add(await BackupDigests.DescribeAsync(to, role, cancellationToken).ConfigureAwait(false));
        }

        var manifest = new BackupManifest
        {
            Id = id,
            Kind = request.Target.Reference.Address.Kind,
            Store = request.Target.Reference.Address.Canonical,
            Mode = BackupMode.SetAside,
            Method = "file_copy",
            CreatedAt = begun,
            DurationMs = (long)(DateTimeOffset.UtcNow - begun).TotalMilliseconds,
            Files = described,
            Counts = new Dictionary<string, long>(),
            ToolVersion = ToolVersion.Text,
            EngineVersion = SqliteRuntime.Version,
        };
        return (await BackupFolder.WriteAsync(manifest, Path.Combine(request.SetAsideFolder, id + BackupFolder.Ending), cancellationToken).ConfigureAwait(false)).Path;
    }
}
