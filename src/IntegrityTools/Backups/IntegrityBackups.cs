using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>Backups of whole stores, as every host sees them: made, listed, tested, restored; each step is in the ledger.</summary>
public sealed class IntegrityBackups
{
    private readonly IntegrityEngine engine;
    private readonly IReadOnlyList<IBackupProvider> providers;

    internal IntegrityBackups(IntegrityEngine engine, IReadOnlyList<IBackupProvider> providers)
    {
        this.engine = engine;
        this.providers = providers;
    }

    /// <summary>Backs a store up, reads the backup back, and removes older ones that have expired: only when the new one is whole.</summary>
    /// <exception cref="IntegrityException">It could not be made, or does not verify; older backups are then as they were.</exception>
    public async Task<BackupManifest> CreateAsync(BackupOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var target = Target(options.Type == BackupType.Store ? options.Store : OwnConfiguration(), options.Credential);
        var provider = ProviderOf(target.Reference.Address);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var settings = target.Reference.Settings;
        var folder = Path.GetFullPath(options.Folder ?? settings?.BackupFolder ?? throw new IntegrityException(
            ErrorIds.InvalidArgument, "No folder was named for the backup, and none is configured for the store.", target.Reference.Address.Canonical,
            $"Name one with {CommandWords.Option("--to", "-Destination")}, or set backups.folder for the store in integrity.yaml."));
        await ledger.RequireWritableAsync(cancellationToken).ConfigureAwait(false);
        return await new BackupRun(ledger, provider, target, options, folder).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The backups of a folder, or those that the ledger knows and that are still there; newest first.</summary>
    /// <param name="folder">The folder; null: the ledger's.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<BackupManifest>> ListAsync(string? folder, CancellationToken cancellationToken)
    {
        if (folder is not null)
        {
            return Directory.Exists(folder) ? BackupFolder.List(Path.GetFullPath(folder)) : throw new IntegrityException(
                ErrorIds.NotFound, "There is no such folder.", folder, "Name the folder that backups were written to.");
        }

        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        foreach (var kind in new[] { LedgerEventKinds.StoreBackedUp, LedgerEventKinds.BackupSetAside })
        {
            await foreach (var entry in ledger.ReadEventsAsync(new LedgerQuery { Kind = kind }, cancellationToken).ConfigureAwait(false))
            {
                using var data = entry.Event.Data.Parse();
                known[entry.Event.Subject!] = data.RootElement.GetProperty("manifest_path").GetString()!;
            }
        }

        return BackupFolder.List(known.Values.Where(File.Exists));
    }

    /// <summary>Checks every byte of a backup and of all that it builds on, restores it elsewhere and scans it there.</summary>
    /// <param name="backup">See <see cref="RestoreOptions.Backup"/>.</param>
    /// <param name="server">A store whose server gets a scratch database; null: a scratch place on this machine.</param>
    /// <param name="credential">Name and password for the server; null: as configured.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">There is no such backup, or a link of its chain is missing. Damage is told in the result.</exception>
    public async Task<BackupVerification> TestAsync(string backup, string? server, StoreCredential? credential, CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var chain = BackupFolder.ChainOf(await FindAsync(backup, cancellationToken).ConfigureAwait(false));
        var target = server is null ? null : Target(server, credential);
        var provider = ProviderOf(chain[^1].Kind, chain[^1].Path);
        BackupVerification result;
        try
        {
            result = await BackupRun.VerifyAsync(provider, chain, target, engine.Configuration, cancellationToken).ConfigureAwait(false) with { DurationMs = watch.ElapsedMilliseconds };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed, $"The backup could not be restored elsewhere, which says nothing of the backup: {exception.Message}", chain[^1].Path,
                $"Make room for it in the folder for temporary files ({Path.GetTempPath()}), or name another with TMPDIR (Windows: TMP), then test it again.", exception);
        }

        await (await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false)).AppendAsync(
            [Event(LedgerEventKinds.BackupTested, chain[^1], JsonSerializer.SerializeToUtf8Bytes(result, ModelJson.Default.BackupVerification))],
            cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>The SQLite database of a backup. A file that belongs to no backup stands for itself.</summary>
    /// <param name="backup">See <see cref="RestoreOptions.Backup"/>, or a file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">There is no such backup, or it is of another kind of store.</exception>
    public async Task<string> DatabaseOfAsync(string backup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backup);
        if (File.Exists(backup) && !backup.EndsWith(BackupFolder.Ending, StringComparison.Ordinal))
        {
            return Path.GetFullPath(backup);
        }

        var found = await FindAsync(backup, cancellationToken).ConfigureAwait(false);
        return found.Files.FirstOrDefault(file => file.Role == "database") is { } database
            ? Path.Combine(Path.GetDirectoryName(found.Path)!, database.Name)
            : throw new IntegrityException(ErrorIds.InvalidArgument, $"The backup is one of kind {found.Kind} and holds no SQLite database.", backup, "Name a backup of a SQLite database, or a database.");
    }

    /// <summary>Restores a backup, once every byte of it was checked; or tells what that would do.</summary>
    /// <exception cref="IntegrityException">There is no such backup, it is damaged, or the store is of another kind.</exception>
    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var chain = BackupFolder.ChainOf(await FindAsync(options.Backup, options.Store, cancellationToken).ConfigureAwait(false));
        var newest = chain[^1];
        var target = Target(options.Store ?? newest.Store, options.Credential);
        if (target.Reference.Address.Kind != newest.Kind)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, $"This is a backup of a store of kind {newest.Kind}, and {target.Reference.Address} is of kind {target.Reference.Address.Kind}.",
                newest.Path, "Name a store of the same kind.");
        }

        await BackupFolder.ThrowIfDamagedAsync(chain, cancellationToken).ConfigureAwait(false);
        var provider = ProviderOf(newest.Kind, newest.Path);
        var request = new RestoreRequest
        {
            Chain = chain,
            Target = target,
            Subjects = options.Subjects,
            Overwrite = options.Overwrite,
            SkipDamaged = options.SkipDamaged,
            WhileOpen = options.WhileOpen,
            DryRun = options.DryRun,
            Progress = options.Progress,
        };
        var proposal = await provider.ProposeRestoreAsync(request, cancellationToken).ConfigureAwait(false);
        proposal = proposal with { Report = proposal.Report with { BackupOf = newest.Store, BackupCreatedAt = newest.CreatedAt } };
        return options.DryRun || proposal.Operations.Count == 0
            ? proposal.Report
            : await new RestoreRun(engine, provider, request).RunAsync(proposal, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The backup that a restore means: as below, but of a folder that holds several stores' backups the newest of the store restored into.</summary>
    /// <param name="backup">See <see cref="RestoreOptions.Backup"/>.</param>
    /// <param name="store">The store to restore into; null: the one that was backed up.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">There is none, or nothing tells which store's is meant.</exception>
    public async Task<BackupManifest> FindAsync(string backup, string? store, CancellationToken cancellationToken) => Directory.Exists(backup)
        ? BackupFolder.Newest(backup, store is null ? null : engine.Stores.Resolve(store).Address.Canonical)
        : await FindAsync(backup, cancellationToken).ConfigureAwait(false);

    /// <summary>One backup, by its manifest, one of its files, a folder (its newest) or an id that the ledger knows.</summary>
    /// <exception cref="IntegrityException">There is none.</exception>
    public async Task<BackupManifest> FindAsync(string backup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backup);
        if (Directory.Exists(backup))
        {
            return BackupFolder.Restorable(backup)[0];
        }

        if (backup.EndsWith(BackupFolder.Ending, StringComparison.Ordinal))
        {
            return BackupFolder.Read(backup);
        }

        var known = File.Exists(backup)
            ? BackupFolder.Owning(Path.GetFullPath(backup))
            : (await ListAsync(null, cancellationToken).ConfigureAwait(false)).FirstOrDefault(one => one.Id == backup);
        return known ?? await BackupFolder.OpenAsync(backup, cancellationToken).ConfigureAwait(false);
    }

    private string OwnConfiguration() => "configuration:" + (engine.Configuration.Path ?? throw new IntegrityException(
        ErrorIds.NotFound, "There is no configuration file, so there is nothing to back up.", null, $"Name it with {CommandWords.Option("--config", "-Config")} or INTEGRITY_CONFIG."));

    private BackupTarget Target(string? store, StoreCredential? credential)
    {
        var reference = engine.Stores.Resolve(store);
        return new BackupTarget(reference, credential ?? StoreCatalog.CredentialFor(reference, Environment.GetEnvironmentVariable), engine.Configuration);
    }

    private IBackupProvider ProviderOf(StoreAddress address) => ProviderOf(address.Kind, address.Canonical);

    private IBackupProvider ProviderOf(string kind, string target) => providers.FirstOrDefault(provider => provider.Kind == kind) ?? throw new IntegrityException(
        ErrorIds.UnknownStore, $"Stores of kind {kind} have no backup; those of these kinds have: {string.Join(", ", providers.Select(known => known.Kind))}.",
        target, "A dump is a file: copy it. For others name a store of one of these kinds.");

    internal static LedgerEvent Event(string kind, BackupManifest backup, byte[]? data) => new()
    {
        Kind = kind,
        Store = backup.Store,
        Subject = backup.Id,
        Data = new RawJson(data ?? JsonSerializer.SerializeToUtf8Bytes(
            new BackupReceipt(backup.Path, backup.Mode, backup.Files, backup.Counts, backup.Parent, backup.LastSequence), LedgerJson.Default.BackupReceipt)),
    };
}
