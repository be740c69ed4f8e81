using System.Diagnostics;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Saves a database: checked before, copied, checked again, its tables' rows compared, flushed, renamed.</summary>
internal sealed class SqliteBackup(BackupRequest request)
{
    private readonly DateTimeOffset begun = DateTimeOffset.UtcNow;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly DatabaseFiles files = DatabaseFiles.At(request.Target.Reference.Address.Path!);
    private readonly List<string> remarks = [];
    private string? notChecked;
    private string? brokenRule;
    private string? doubt;

    public async Task<BackupManifest> RunAsync(CancellationToken cancellationToken)
    {
        files.Require();
        if (request.Parent is not null)
        {
            remarks.Add("A full backup: SQLite does not tell what changed.");
        }

        if (files.Refusal() is { } refusal)
        {
            return await RefuseAsync(refusal, cancellationToken).ConfigureAwait(false);
        }

        if (LogChecks.Danger(files, LogChecks.OfLogAndJournal, cancellationToken) is { } danger)
        {
            return await RefuseAsync(danger, cancellationToken).ConfigureAwait(false);
        }

        doubt = files.HasKnownWal ? null : LogChecks.Doubt(files, cancellationToken);
        var path = request.FileFor(begun, ".db");
        var temporary = TemporaryFiles.NameFor(path);
        try
        {
            return await CopyAsync(path, temporary, cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return await RefuseAsync(failure.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException failure) when (failure.SqliteExtendedErrorCode == raw.SQLITE_READONLY_ROLLBACK)
        {
            return await RefuseAsync("A rollback journal tells of a transaction that was cut off, which only opening the database for writing would take back.", cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SqliteException failure)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The database could not be copied: {failure.Message}", files.Path,
                failure.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED
                    ? "Another process holds it locked: end its transaction, then run the command again."
                    : "Check the disk's room and the rights on both folders, then run the command again.",
                failure);
        }
        finally
        {
            DatabaseFiles.At(temporary).Remove();
        }
    }

    private async Task<BackupManifest> CopyAsync(string path, string temporary, CancellationToken cancellationToken)
    {
        var wal = files.RequireHeader().IsWal;
        var copied = await new QuietCopy(files, request, remarks, CheckAndCount).RunAsync(temporary, cancellationToken).ConfigureAwait(false);
        if (copied is { Findings: [var damaged, ..] })
        {
            return await RefuseAsync(damaged, cancellationToken).ConfigureAwait(false);
        }

        var before = copied?.Counts;
        if (copied is null)
        {
            // What was found in pages of two moments is not told.
            (notChecked, brokenRule) = (null, null);

            // In rollback mode a reader would hold up writers; in WAL mode the log grows for as long as it reads, and every commit with it gets
            // slower. So the copy, the same pages, is checked in the source's place.
            using var source = SqliteContent.Open(files.Path, SqliteOpenMode.ReadOnly);
            before = await CopyPagesAsync(source, temporary, wal, cancellationToken).ConfigureAwait(false);
        }

        var (findings, counts, described) = await CheckCopyAsync(temporary, cancellationToken).ConfigureAwait(false);
        if (findings.Count > 0)
        {
            // Where only the copy was checked, the source tells whose damage it is.
            return (copied is not null ? null : await CheckSourceAsync(cancellationToken).ConfigureAwait(false)) is { } damage
                ? await RefuseAsync(damage, cancellationToken).ConfigureAwait(false)
                : throw new IntegrityException(
                    ErrorIds.BackupFailed, $"The copy fails its check, and the database passes its own: {findings[0]}", path,
                    "Check the backups' disk and this machine's memory. Older backups were left as they are.");
        }

        if (before is not null && !before.SequenceEqual(counts))
        {
            var table = before.Keys.Union(counts.Keys, StringComparer.Ordinal).First(name => before.GetValueOrDefault(name, -1) != counts.GetValueOrDefault(name, -1));
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The copy has {Counted.Of(counts.GetValueOrDefault(table), "row")} in {table}, and the database {before.GetValueOrDefault(table)}.", files.Path,
                "Run the command again. Older backups were left as they are.");
        }

        await using (var file = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            file.FlushToDisk();
        }

        File.Move(temporary, path);
        FolderSync.Flush(request.Folder);
        if (notChecked is not null)
        {
            remarks.Add($"Not all of it could be checked here, so it counts as not verified: {notChecked}");
        }

        if (doubt is not null)
        {
            remarks.Add($"It counts as not verified: {doubt} What SQLite makes of both was saved: look at it, and keep the older backups until you know.");
        }

        if (brokenRule is not null)
        {
            remarks.Add($"Rows that break a rule of the schema are saved as they are: {brokenRule}. A scan names each.");
        }

        var settings = new Dictionary<string, RawJson> { ["journal_mode"] = RawJson.FromText(wal ? "\"wal\"" : "\"delete\"") };
        return Describe(BackupMode.Full, copied?.Method ?? SqliteCopy.Pages, [described! with { Name = Path.GetFileName(path) }], counts, settings);
    }

    private Task<SortedDictionary<string, long>?> CopyPagesAsync(SqliteConnection source, string temporary, bool wal, CancellationToken cancellationToken) =>
        SqliteContent.RunAsync(
            source,
            () =>
            {
                var copy = new SqliteCopy(source, temporary, remarks, request.Progress, cancellationToken);
                if (wal)
                {
                    return copy.OneMoment();
                }

                copy.InSteps();
                remarks.Add("Its rows were not counted against the database's, whose writers would have had to wait for that: the copy as a whole was checked.");
                return null;
            },
            cancellationToken);

    private async Task<(IReadOnlyList<string> Findings, SortedDictionary<string, long> Counts, BackupFile? Described)> CheckCopyAsync(
        string temporary, CancellationToken cancellationToken)
    {
        using var copy = SqliteContent.Open(temporary, SqliteOpenMode.ReadWrite);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<BackupFile>? digests = null;
        try
        {
            // One file, whatever the source's mode is; the manifest knows it, and a restore sets it again.
            using (var command = copy.CreateCommand())
            {
                command.CommandText = "PRAGMA journal_mode = DELETE";
                command.ExecuteNonQuery();
            }

            // From here on nothing writes to it: its digests are taken while it is checked.
            digests = BackupDigests.DescribeAsync(temporary, "database", stop.Token);
            var (findings, counts) = await SqliteContent.RunAsync(copy, () => CheckAndCount(copy), cancellationToken).ConfigureAwait(false);
            return (findings, counts, await digests.ConfigureAwait(false));
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return ([failure.Message], [], null);
        }
        finally
        {
            // The file is removed when this fails: nothing may still read it then.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(digests ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    /// <summary>The first finding of damage in the database itself; null: it is sound.</summary>
    private async Task<string?> CheckSourceAsync(CancellationToken cancellationToken)
    {
        using var source = SqliteContent.Open(files.Path, SqliteOpenMode.ReadOnly);
        var (findings, _) = await SqliteContent.RunAsync(source, () => CheckAndCount(source), cancellationToken).ConfigureAwait(false);
        return findings.Count > 0 ? findings[0] : null;
    }

    private (IReadOnlyList<string> Findings, SortedDictionary<string, long> Counts) CheckAndCount(SqliteConnection connection)
    {
        // One transaction: both are of one moment.
        using var transaction = connection.BeginTransaction(deferred: true);
        var check = SqliteContent.Check(connection);
        notChecked ??= check.Impossible;
        brokenRule ??= check.BrokenRule;
        return (check.Damage, check.Damage.Count > 0 ? [] : SqliteContent.Count(connection));
    }

    private async Task<BackupManifest> RefuseAsync(string finding, CancellationToken cancellationToken)
    {
        if (!request.Force)
        {
            throw new IntegrityException(
                ErrorIds.CheckFailed, $"The database fails its check, so it was not backed up: {finding}", files.Path,
                $"Restore a good backup, or salvage what can be read. {CommandWords.Option("--force", "-Force")} copies the files as they are, as forensic evidence.");
        }

        remarks.Add($"Forensic evidence, no backup to rely on: {finding}");
        var copied = new List<BackupFile>();
        foreach (var (role, from) in files.Present.ToList())
        {
            var to = request.FileFor(begun, ".forensic.db" + DatabaseFiles.EndingOf(role));
            await using (var reading = DatabaseFiles.Open(from))
            await using (var writing = new FileStream(to, PrivateFile.Options(FileMode.CreateNew)))
            {
                await reading.CopyToAsync(writing, cancellationToken).ConfigureAwait(false);
                writing.FlushToDisk();
            }

            copied.Add(await BackupDigests.DescribeAsync(to, role, cancellationToken).ConfigureAwait(false));
        }

        FolderSync.Flush(request.Folder);
        return Describe(BackupMode.Forensic, "file_copy", copied, new SortedDictionary<string, long>(), new Dictionary<string, RawJson>());
    }

    private BackupManifest Describe(
        BackupMode mode, string method, IReadOnlyList<BackupFile> written, IReadOnlyDictionary<string, long> counts, IReadOnlyDictionary<string, RawJson> settings) => new()
        {
            Id = request.Id,
            Kind = request.Target.Reference.Address.Kind,
            Store = request.Target.Reference.Address.Canonical,
            Mode = mode,
            Method = method,
            CreatedAt = begun,
            DurationMs = watch.ElapsedMilliseconds,
            Files = written,
            Counts = counts,
            Settings = settings,
            Remarks = remarks,
            IsUnchecked = (notChecked ?? doubt) is not null,
            ToolVersion = ToolVersion.Text,
            EngineVersion = SqliteRuntime.Version,
        };
}
