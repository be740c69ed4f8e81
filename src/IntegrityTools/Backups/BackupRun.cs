using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>
/// Makes one backup, from the lock to the removal of what has expired. What it builds on is chosen, and expired ones are removed, under the one lock:
/// otherwise a run could remove the backup that another has just found whole and is about to build on.
/// </summary>
internal sealed class BackupRun(ILedger ledger, IBackupProvider provider, BackupTarget target, BackupOptions options, string folder)
{
    private string Store => target.Reference.Address.Canonical;

    /// <summary>See <see cref="IntegrityBackups.CreateAsync"/>.</summary>
    public async Task<BackupManifest> RunAsync(CancellationToken cancellationToken)
    {
        MakeFolder();
        var name = NameOf(target.Reference);
        using var only = BackupLock.Take(folder, name, Store);
        var settings = target.Reference.Settings;
        var keep = options.Retention ?? BackupRetention.Of(settings?.KeepDays, settings?.KeepDaily, settings?.KeepWeekly, settings?.KeepMonthly);
        var (parent, whyNotNewest) = options.Incremental ? await ParentAsync(keep, cancellationToken).ConfigureAwait(false) : default;
        var request = new BackupRequest
        {
            Target = target,
            Id = Identifiers.New("backup"),
            Folder = folder,
            Name = name,
            Parent = parent,
            IncludeLocal = options.IncludeLocal,
            Compress = options.Compress,
            Force = options.Force,
            Progress = options.Progress,
        };
        var made = await WriteAsync(request, whyNotNewest, cancellationToken).ConfigureAwait(false);
        await RecordAsync(LedgerEventKinds.StoreBackedUp, made, cancellationToken).ConfigureAwait(false);
        if (keep is { } retention && made.VerifiedAt is not null)
        {
            await RemoveExpiredAsync(retention, cancellationToken).ConfigureAwait(false);
        }

        return made;
    }

    /// <summary>What is wrong with a chain: with its files, and with what a provider finds when it reads or restores it.</summary>
    /// <param name="provider">Of the store's kind.</param>
    /// <param name="chain">Oldest first.</param>
    /// <param name="target">See <see cref="IntegrityBackups.TestAsync"/>.</param>
    /// <param name="scan">The configuration with which it is scanned where it was restored to; null to do neither.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<BackupVerification> VerifyAsync(
        IBackupProvider provider, IReadOnlyList<BackupManifest> chain, BackupTarget? target, IntegrityConfiguration? scan, CancellationToken cancellationToken)
    {
        var faults = await BackupFolder.CheckAsync(chain, cancellationToken).ConfigureAwait(false);
        var result = await provider.TestAsync(chain, target, faults.Count == 0 ? scan : null, cancellationToken).ConfigureAwait(false);
        return result with { Faults = faults.Concat(result.Faults).ToList() };
    }

    private async Task RemoveExpiredAsync(BackupRetention retention, CancellationToken cancellationToken)
    {
        var own = BackupFolder.List(folder).Where(backup => backup.Store == Store).ToList();
        foreach (var expired in retention.Expired(own, DateTimeOffset.UtcNow))
        {
            // Said before done: a record without its file is explained, a file that went without a word is not.
            await RecordAsync(LedgerEventKinds.BackupRemoved, expired, cancellationToken).ConfigureAwait(false);
            try
            {
                BackupFolder.Remove(expired);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new IntegrityException(
                    ErrorIds.OperationFailed, $"The new backup is made and whole, but {expired.Id}, which has expired, could not be removed: {failure.Message}", expired.Path,
                    "Give this user the right to remove it, or remove its files yourself.", failure);
            }

            options.Removed?.Invoke(expired);
        }
    }

    private async Task<BackupManifest> WriteAsync(BackupRequest request, string? whyNotNewest, CancellationToken cancellationToken)
    {
        BackupManifest? written = null;
        try
        {
            var made = written = await provider.BackUpAsync(request, cancellationToken).ConfigureAwait(false);
            var path = request.FileFor(made.CreatedAt, BackupFolder.Ending);
            if (whyNotNewest is not null && (request.Parent is null || made.Parent == request.Parent.Id))
            {
                var instead = made.Parent is null ? $"A full backup instead of an incremental one: {whyNotNewest}." : $"It builds on {made.Parent}: {whyNotNewest}.";
                made = made with { Remarks = [instead, .. made.Remarks] };
            }

            made = made with { Path = path, Number = 1 + BackupFolder.List(request.Folder).Where(known => known.Store == made.Store).Max(known => (long?)known.Number) ?? 1 };
            if (made.Mode is BackupMode.Full or BackupMode.Incremental)
            {
                var result = await VerifyAsync(provider, [made], null, scan: null, cancellationToken).ConfigureAwait(false);
                if (!result.Ok)
                {
                    throw new IntegrityException(
                        ErrorIds.BackupFailed, $"The backup was written, but does not read back as it was written: {result.Faults[0].Message}", result.Faults[0].File,
                        "Check the disk. Older backups were left as they are; the files of this one are there to be looked at.");
                }

                ThrowIfCut(made);
                made = made with { VerifiedAt = made.IsUnchecked ? null : DateTimeOffset.UtcNow };
            }

            return await BackupFolder.WriteAsync(made, path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Discard(written, request);
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The backup could not be written: {exception.Message}", request.Folder,
                "Make room or give the folder's rights, then run the command again. Older backups were left as they are.", exception);
        }
    }

    /// <summary>Removes what has no manifest, or one that may not last: it is no backup, and nobody would ever remove it.</summary>
    private static void Discard(BackupManifest? written, BackupRequest request)
    {
        foreach (var path in written is null ? [] : written.Files.Select(file => Path.Combine(request.Folder, file.Name)).Prepend(request.FileFor(written.CreatedAt, BackupFolder.Ending)))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // The disk that failed keeps it; what is told is the first failure.
            }
        }
    }

    // Before it counts as a backup, so before anything is removed for its sake: the lock keeps other runs off the chain, and nobody else.
    private static void ThrowIfCut(BackupManifest made)
    {
        try
        {
            BackupFolder.ChainOf(made);
        }
        catch (IntegrityException missing) when (missing.ErrorId == ErrorIds.DamagedFile)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"What the backup builds on was removed while it was made. {missing.Message}", made.Path,
                "Run the command again: it builds on what is whole, or makes a full one. Older backups were left as they are; the files of this one are no backup.", missing);
        }
    }

    /// <summary>What an incremental backup builds on, null when there is nothing; and why it is not the newest one.</summary>
    private async Task<(BackupManifest? Parent, string? WhyNotNewest)> ParentAsync(BackupRetention? keep, CancellationToken cancellationToken)
    {
        var known = BackupFolder.List(folder).Where(backup => backup.Store == Store && backup.Mode is BackupMode.Full or BackupMode.Incremental).ToList();
        if (known.Count == 0)
        {
            return (null, "the folder holds none of this store that can be read");
        }

        string? why = null;
        foreach (var candidate in known)
        {
            if (await WhyNotOnAsync(candidate, cancellationToken).ConfigureAwait(false) is not { } wrong)
            {
                return keep?.WhyChainEnds(BackupFolder.ChainOf(candidate)[0], known, DateTimeOffset.UtcNow) is { } ended ? (null, ended) : (candidate, why);
            }

            why ??= wrong;
        }

        return (null, why);
    }

    /// <summary>Why nothing can be built on a backup: a chain is only as good as each of its links, so one that is damaged by now gets no new link.</summary>
    private static async Task<string?> WhyNotOnAsync(BackupManifest candidate, CancellationToken cancellationToken)
    {
        if (candidate.LastSequence is null)
        {
            return $"those of a {candidate.Kind} store are always full";
        }

        if (candidate.VerifiedAt is null)
        {
            return $"{candidate.Id} was not verified";
        }

        try
        {
            var faults = await BackupFolder.CheckAsync(BackupFolder.ChainOf(candidate), cancellationToken).ConfigureAwait(false);
            return faults.Count == 0 ? null : $"{candidate.Id}, or one that it builds on, is damaged: {faults[0].File}: {faults[0].Message.TrimEnd('.')}";
        }
        catch (IntegrityException missing) when (missing.ErrorId == ErrorIds.DamagedFile)
        {
            return $"{candidate.Id} has lost one that it builds on: {missing.Message.TrimEnd('.')}";
        }
    }

    private void MakeFolder()
    {
        try
        {
            if (!Directory.Exists(folder) && !OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            Directory.CreateDirectory(folder);
            TemporaryFiles.RemoveAbandoned(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The folder cannot be used: {exception.Message}", folder, "Name another, or give this user the right to write it.", exception);
        }
    }

    private static string NameOf(StoreReference reference)
    {
        var name = reference.Settings?.Name ?? reference.Address.Database ?? Path.GetFileNameWithoutExtension(reference.Address.Path) ?? reference.Address.Kind;
        return string.Concat(name.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_'));
    }

    private Task RecordAsync(string kind, BackupManifest backup, CancellationToken cancellationToken) =>
        ledger.AppendAsync([IntegrityBackups.Event(kind, backup, null)], cancellationToken);
}
