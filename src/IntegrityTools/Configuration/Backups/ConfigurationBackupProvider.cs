using System.Diagnostics;
using System.Security.Cryptography;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Configuration.Backups;

/// <summary>Backs up the tool's own configuration, the files that it names, and the configured files of applications. With a key all of it is encrypted; without one files with secrets are left out.</summary>
internal sealed class ConfigurationBackupProvider : IBackupProvider
{
    /// <summary>The kind of these backups, and the scheme of their address.</summary>
    public const string Name = "configuration";

    internal const string Role = "files";
    private const long Largest = 16 << 20;

    /// <inheritdoc/>
    public string Kind => Name;

    /// <inheritdoc/>
    public async Task<BackupManifest> BackUpAsync(BackupRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var begun = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        var configuration = request.Target.Configuration;
        var key = configuration.Ledger.ReadKey();
        var secret = SecretFiles(configuration);
        var remarks = new List<string>();
        var files = new List<ConfigurationFile>();
        foreach (var path in Files(configuration))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (secret.Contains(path) || (FileIdentity.Of(path) is { } file && secret.Any(known => FileIdentity.Of(known) == file)))
            {
                remarks.Add($"Left out, since it is a secret itself: '{path}'.");
            }
            else if (new FileInfo(path) is { Exists: false })
            {
                remarks.Add($"Not there: '{path}'.");
            }
            else if (new FileInfo(path).Length > Largest)
            {
                remarks.Add($"Left out, since it is larger than 16 MiB: '{path}'.");
            }
            else if (key is null && SecretText.ReasonFor(path, await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false)) is { } reason)
            {
                remarks.Add($"Left out, since {reason} and no key is configured: '{path}'. With ledger.key_file or ledger.key_environment it is saved encrypted.");
            }
            else
            {
                files.Add(ConfigurationFile.Read(path, key));
            }
        }

        var target = request.FileFor(begun, ".files.jsonl");
        await WriteAsync(target, files, cancellationToken).ConfigureAwait(false);
        return new BackupManifest
        {
            Id = request.Id,
            Kind = Name,
            Store = request.Target.Reference.Address.Canonical,
            Mode = BackupMode.Full,
            Method = "file_copy",
            CreatedAt = begun,
            DurationMs = watch.ElapsedMilliseconds,
            Files = [await BackupDigests.DescribeAsync(target, Role, cancellationToken).ConfigureAwait(false)],
            Counts = new Dictionary<string, long> { ["encrypted"] = files.Count(file => file.Nonce is not null), ["files"] = files.Count },
            Remarks = remarks,
            ToolVersion = ToolVersion.Text,
        };
    }

    /// <inheritdoc/>
    public Task<BackupVerification> TestAsync(IReadOnlyList<BackupManifest> chain, BackupTarget? target, IntegrityConfiguration? scan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var backup = chain[^1];
        var faults = new List<BackupFault>();
        var count = 0L;
        try
        {
            foreach (var file in ConfigurationFile.ReadAll(PathOf(backup)))
            {
                count++;
                if (file.Nonce is null && file.Open(null) is { } content && "configuration:" + file.Path == backup.Store)
                {
                    _ = ConfigurationLoader.Parse(ConfigurationFile.TextOf(content), file.Path);
                }
            }
        }
        catch (Exception exception) when (exception is IntegrityException or IOException)
        {
            faults.Add(new BackupFault(PathOf(backup), null, exception.Message));
        }

        return Task.FromResult(new BackupVerification
        {
            BackupId = backup.Id,
            Path = backup.Path,
            Faults = faults,
            Counts = new Dictionary<string, long> { ["files"] = count },
        });
    }

    /// <inheritdoc/>
    public Task<RestoreProposal> ProposeRestoreAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var backup = request.Chain[^1];
        var newer = new List<string>();
        var operations = new List<RepairOperation>();
        var (written, unchanged) = (0L, 0L);
        foreach (var file in ConfigurationFile.ReadAll(PathOf(backup)).Where(file => request.Subjects.Count == 0 || request.Subjects.Contains(file.Path, StringComparer.Ordinal)))
        {
            var now = StateOf(file.Path);
            if (now?.Sha256 == file.Sha256)
            {
                unchanged++;
                continue;
            }

            if (now is not null)
            {
                newer.Add(file.Path);
            }

            if (now is null || request.Overwrite)
            {
                written++;
                operations.Add(Operation(backup.Id, backup.Path, file.Path, now));
            }
        }

        return Task.FromResult(new RestoreProposal(
            new RestoreReport
            {
                BackupId = backup.Id,
                Store = request.Target.Reference.Address.Canonical,
                DryRun = request.DryRun,
                Created = false,
                Written = written,
                Unchanged = unchanged,
                Newer = newer,
                Overwritten = request.Overwrite && newer.Count > 0,
            },
            operations));
    }

    /// <inheritdoc/>
    public Task PrepareAsync(BackupTarget target, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An operation that gives one file back.</summary>
    internal static RepairOperation Operation(string backupId, string source, string path, FileState? now) => new()
    {
        Type = OperationTypes.RestoreBackup,
        IssueId = backupId,
        Subject = path,
        Risk = now is null ? Risk.Low : Risk.High,
        Strategy = Strategy.Manual,
        Reason = now is null ? $"It is not there; {backupId} has it." : $"It becomes what it is in {backupId}; what stands there is saved first.",
        Precondition = new FileSetPrecondition(now is null ? [] : [now]),
        Action = new RestoreBackupAction { BackupId = backupId, ManifestPath = source, Subjects = [path], Creates = now is null },
    };

    /// <summary>A file as it stands; null when there is none.</summary>
    internal static FileState? StateOf(string path) => File.Exists(path) && File.ReadAllBytes(path) is var bytes
        ? new FileState(Role, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length)
        : null;

    /// <summary>Where the files of a backup are: beside its manifest, or in the file that an execution saved.</summary>
    internal static string PathOf(string source) => source.EndsWith(BackupFolder.Ending, StringComparison.Ordinal) ? PathOf(BackupFolder.Read(source)) : source;

    /// <summary>Writes files as a backup holds them: under another name, for the owner alone, flushed, renamed.</summary>
    internal static async Task WriteAsync(string target, IEnumerable<ConfigurationFile> files, CancellationToken cancellationToken)
    {
        var temporary = TemporaryFiles.NameFor(target);
        await using (var stream = new FileStream(temporary, PrivateFile.Options()))
        {
            foreach (var file in files)
            {
                await stream.WriteAsync(file.ToLine(), cancellationToken).ConfigureAwait(false);
            }

            stream.FlushToDisk();
        }

        File.Move(temporary, target, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(target)!);
    }

    private static string PathOf(BackupManifest backup) => Path.Combine(Path.GetDirectoryName(backup.Path)!, backup.Files[0].Name);

    private static IEnumerable<string> Files(IntegrityConfiguration configuration) =>
        new[] { configuration.Path }.OfType<string>()
            .Concat(configuration.Validation.Schemas.Values.Where(place => !place.StartsWith("document:", StringComparison.Ordinal)))
            .Concat(configuration.ConfigurationFiles.SelectMany(path => Directory.Exists(path)
                ? Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
                : [path]))
            .Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static HashSet<string> SecretFiles(IntegrityConfiguration configuration) =>
        [.. configuration.Stores.Select(store => store.PasswordFile).Append(configuration.Ledger.KeyFile).OfType<string>()];
}
