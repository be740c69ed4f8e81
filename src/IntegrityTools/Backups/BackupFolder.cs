using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>Backups as they lie in folders: a manifest each, with its files beside it.</summary>
internal static class BackupFolder
{
    /// <summary>What the names of manifests end with.</summary>
    public const string Ending = ".manifest.json";

    /// <summary>The backups of a folder, newest first; what is no manifest, or of a newer version, is passed over.</summary>
    public static IReadOnlyList<BackupManifest> List(string folder) => List(Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Ending) : []);

    /// <summary>The backups of some manifests, likewise.</summary>
    public static IReadOnlyList<BackupManifest> List(IEnumerable<string> manifests)
    {
        var found = new List<BackupManifest>();
        foreach (var path in manifests)
        {
            try
            {
                found.Add(Read(path));
            }
            catch (IntegrityException)
            {
                // A list shows what there is; whoever names this very file is told what is wrong with it.
            }
        }

        return NewestFirst(found);
    }

    /// <summary>
    /// Puts backups into their order. What was counted before another one is older, whatever date it bears: one that was made while a clock was wrong
    /// must not be the newest for years. What a restore set aside is not counted, and stands where its date puts it.
    /// </summary>
    public static IReadOnlyList<BackupManifest> NewestFirst(IEnumerable<BackupManifest> backups)
    {
        var dated = new List<(BackupManifest Backup, DateTimeOffset At)>();
        foreach (var own in backups.GroupBy(backup => (Path.GetDirectoryName(backup.Path), backup.Store)))
        {
            var next = DateTimeOffset.MaxValue;
            foreach (var backup in own.OrderByDescending(backup => backup.Number).ThenByDescending(backup => backup.CreatedAt))
            {
                var at = backup.CreatedAt < next ? backup.CreatedAt : next;
                dated.Add((backup, backup.Mode == BackupMode.SetAside ? backup.CreatedAt : at));
                next = backup.Mode == BackupMode.SetAside ? next : at;
            }
        }

        return
        [
            .. dated.OrderByDescending(item => item.At).ThenByDescending(item => item.Backup.Number).ThenByDescending(item => item.Backup.CreatedAt)
                .ThenByDescending(item => item.Backup.Id, StringComparer.Ordinal).Select(item => item.Backup),
        ];
    }

    /// <summary>What a folder stands for, newest first. What a restore set aside, or evidence, is restored only when it is named itself.</summary>
    /// <exception cref="IntegrityException">There is none.</exception>
    public static IReadOnlyList<BackupManifest> Restorable(string folder)
    {
        var all = List(Path.GetFullPath(folder));
        return all.Where(known => known.Mode is BackupMode.Full or BackupMode.Incremental).ToList() is { Count: > 0 } found ? found
            : all.Count == 0 ? throw new IntegrityException(ErrorIds.NotFound, "There is no backup in this folder.", folder, "Name the folder that backups were written to.")
            : throw new IntegrityException(
                ErrorIds.NotFound, "There is no backup in this folder, only what was set aside by a restore or copied as forensic evidence: that is meant when it is named itself.", folder,
                $"Name one by its manifest, such as {CommandWords.Argument(all[0].Path)}; {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")} shows them.");
    }

    /// <summary>The backup that a folder stands for when a store is restored: another store's newest would replace its content.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="store">The canonical address of the store that is restored into; null: the one that was backed up.</param>
    /// <exception cref="IntegrityException">There is none, or the folder holds those of several stores, and none of this one.</exception>
    public static BackupManifest Newest(string folder, string? store)
    {
        var found = Restorable(folder);
        var stores = found.Select(known => known.Store).Distinct(StringComparer.Ordinal).ToList();
        return found.FirstOrDefault(known => stores.Count == 1 || known.Store == store) ?? throw new IntegrityException(
            ErrorIds.InvalidArgument,
            $"The folder holds backups of {stores.Count} stores{(store is null ? string.Empty : $", and none of {store}")}: {string.Join(", ", stores)}.",
            folder,
            $"Name the backup itself: {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")} shows them.");
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="IntegrityException">There is none, or it is damaged, or of a newer version.</exception>
    public static BackupManifest Read(string path)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelJson.Strict.BackupManifest);
            return manifest?.Format switch
            {
                BackupManifest.CurrentFormat when Fault(manifest) is { } fault => throw new JsonException(fault),
                BackupManifest.CurrentFormat => manifest with { Path = Path.GetFullPath(path) },
                null => throw new JsonException("it is empty"),
                _ => throw new IntegrityException(
                    ErrorIds.DamagedFile, $"The backup's format {manifest.Format} is newer than this version knows.", path, "Use a newer version of this program."),
            };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IntegrityException(
                ErrorIds.NotFound, "There is no such backup.", path, $"Name a manifest, a file of a backup, a folder or an id; list them with {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                exception is IOException ? ErrorIds.DamagedFile : ErrorIds.AccessDenied, $"The backup's manifest cannot be read: {exception.Message}", path,
                "Give this user the right to read it, or check the disk.", exception);
        }
        catch (JsonException exception)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile, $"The backup's manifest is damaged: {exception.Message}", path, "Take another backup; the files beside it may still be whole.", exception);
        }
    }

    /// <summary>What a restore has moved aside; null when a run saved its state in another form, or there was nothing to move.</summary>
    /// <param name="saved">Where the run has saved the state before it.</param>
    /// <exception cref="IntegrityException">Its manifest cannot be read.</exception>
    public static BackupManifest? SetAsideAt(string? saved) =>
        saved?.EndsWith(Ending, StringComparison.Ordinal) == true && Read(saved) is { Files.Count: > 0 } aside ? aside : null;

    /// <summary>The backup of which a file is one; null when it belongs to none.</summary>
    /// <exception cref="IntegrityException">It belongs to one whose manifest cannot be read: alone it may be a part of the whole.</exception>
    public static BackupManifest? Owning(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        return List(folder).FirstOrDefault(one => one.Files.Any(file => file.Name == name))
            ?? Directory.EnumerateFiles(folder, "*" + Ending)
                .Where(manifest => name.StartsWith(Path.GetFileName(manifest)[..^Ending.Length] + ".", StringComparison.Ordinal))
                .Select(Read).FirstOrDefault(one => one.Files.Any(file => file.Name == name));
    }

    /// <summary>A backup by its manifest; any other file is taken for a dump of a CouchDB database that another program made.</summary>
    /// <exception cref="IntegrityException">There is none, or its manifest is damaged, or of a newer version.</exception>
    public static async Task<BackupManifest> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (path.EndsWith(Ending, StringComparison.Ordinal) || !File.Exists(path))
        {
            return Read(path);
        }

        var full = Path.GetFullPath(path);
        SpecialFile.ThrowIf(full, "a backup", ErrorIds.InvalidArgument, $"Name a manifest, a file of a backup, a folder or an id; list them with {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")}.");
        var file = await BackupDigests.DescribeAsync(full, "documents", cancellationToken).ConfigureAwait(false);
        return new BackupManifest
        {
            Id = "dump-" + file.Sha256[..16],
            Kind = "couchdb",
            Store = "couchdump:" + full,
            Mode = BackupMode.Full,
            Method = BackupManifest.ForeignDump,
            CreatedAt = File.GetLastWriteTimeUtc(full),
            DurationMs = 0,
            Files = [file],
            Counts = new Dictionary<string, long>(),
            ToolVersion = string.Empty,
            Path = full,
        };
    }

    /// <summary>The chain that an operation restores.</summary>
    /// <exception cref="IntegrityException">It is not there any more, or another file is in its place.</exception>
    public static async Task<IReadOnlyList<BackupManifest>> ChainOfAsync(RestoreBackupAction restore, CancellationToken cancellationToken)
    {
        var backup = await OpenAsync(restore.ManifestPath, cancellationToken).ConfigureAwait(false);
        return backup.Id == restore.BackupId ? ChainOf(backup) : throw new IntegrityException(
            ErrorIds.DamagedFile, $"{restore.BackupId} was planned to be restored, and {backup.Id} is in its place.", restore.ManifestPath, "Restore anew.");
    }

    // A manifest is a text that anybody may have changed. What it counts is added up, and a block is read at once.
    private static string? Fault(BackupManifest manifest) =>
        manifest.Files.Any(file => file is null) ? "one of its files is null"
        : manifest.Files.FirstOrDefault(file => !IsBeside(file.Name)) is { } outside ? $"the file '{outside.Name}' is not one of its folder"
        : manifest.Files.Any(file => file.BlockSize < 1 || !IsCount(file.Length)) || !manifest.Counts.Values.Append(manifest.Number).All(IsCount) ? "it holds a number that nothing was counted to be"
        : null;

    private static bool IsCount(long number) => number is >= 0 and <= 1L << 48;

    // What a manifest names is read, and removed when it expires: a name that leads elsewhere would have another's file removed.
    private static bool IsBeside(string name) => name is not ("" or "." or "..") && name.AsSpan().IndexOfAny('/', '\\') < 0 && Path.GetFileName(name) == name;

    /// <summary>Writes a manifest: under another name, flushed, renamed, with its folder.</summary>
    public static async Task<BackupManifest> WriteAsync(BackupManifest manifest, string path, CancellationToken cancellationToken)
    {
        var temporary = TemporaryFiles.NameFor(path);
        try
        {
            await using (var file = new FileStream(temporary, PrivateFile.Options()))
            {
                await JsonSerializer.SerializeAsync(file, manifest, ModelJson.Default.BackupManifest, cancellationToken).ConfigureAwait(false);
                file.FlushToDisk();
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(Path.GetDirectoryName(path)!);
            return manifest with { Path = path };
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>A backup and all that it builds on, oldest first.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>: a link is missing.</exception>
    public static IReadOnlyList<BackupManifest> ChainOf(BackupManifest newest)
    {
        var chain = new List<BackupManifest> { newest };
        IReadOnlyList<BackupManifest> known = newest.Parent is null ? [] : List(Path.GetDirectoryName(newest.Path)!);
        var beside = known.Where(backup => backup.Id != newest.Id).DistinctBy(backup => backup.Id).ToDictionary(backup => backup.Id, StringComparer.Ordinal);
        while (chain[^1].Parent is { } parent)
        {
            // Each is taken once: a chain that leads back to itself ends, too.
            chain.Add(beside.Remove(parent, out var link) ? link : throw new IntegrityException(
                ErrorIds.DamagedFile,
                $"The chain has a link missing: {chain[^1].Id} builds on {parent}, which is not beside it.",
                chain[^1].Path,
                $"Bring that backup's files back into the folder, or restore one that needs it not: {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")} shows them."));
        }

        chain.Reverse();
        return chain;
    }

    /// <summary>Removes a backup: its manifest first, so that half a backup never looks like one.</summary>
    public static void Remove(BackupManifest backup)
    {
        var folder = Path.GetDirectoryName(backup.Path)!;
        File.Delete(backup.Path);
        FolderSync.Flush(folder);
        foreach (var file in backup.Files)
        {
            File.Delete(Path.Combine(folder, file.Name));
        }
    }

    /// <summary>Throws when a file of a chain is not as it was written.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>.</exception>
    public static async Task ThrowIfDamagedAsync(IEnumerable<BackupManifest> chain, CancellationToken cancellationToken)
    {
        if (await CheckAsync(chain, cancellationToken).ConfigureAwait(false) is [var fault, ..])
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile, $"The backup is damaged, so nothing was restored: {fault.Message}{(fault.Place is { } place ? $" See {place}." : string.Empty)}",
                fault.File, $"Take another one: {CommandWords.Command("integrity backup list", "Get-IntegrityBackup")} shows them, {CommandWords.Command("integrity backup test", "Test-IntegrityBackup")} checks one.");
        }
    }

    /// <summary>What is wrong with the files of a chain.</summary>
    public static async Task<IReadOnlyList<BackupFault>> CheckAsync(IEnumerable<BackupManifest> chain, CancellationToken cancellationToken)
    {
        var faults = new List<BackupFault>();
        foreach (var backup in chain)
        {
            foreach (var file in backup.Files)
            {
                if (await BackupDigests.CompareAsync(Path.GetDirectoryName(backup.Path)!, file, cancellationToken).ConfigureAwait(false) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        return faults;
    }
}
