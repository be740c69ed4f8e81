using System.Diagnostics;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Copies of a database's files as they stand, byte for byte, which a run saves before it changes them. Whoever asks for them keeps writers out meanwhile.</summary>
internal static class FileCopies
{
    /// <summary>The method of those that a run made before it wrote a log into its database: they come back as the two files that they are.</summary>
    public const string WithLog = "file_and_log_copy";

    /// <summary>The manifest of such copies beside what else a run saves.</summary>
    /// <param name="saved">Where the run saves the state before it.</param>
    public static string ManifestOf(string saved) => saved.EndsWith(BackupFolder.Ending, StringComparison.Ordinal) ? saved : Path.ChangeExtension(saved, null) + BackupFolder.Ending;

    /// <summary>Copies the files, flushes the copies, and then writes the manifest.</summary>
    /// <param name="files">The database.</param>
    /// <param name="manifestPath">The manifest; the copies lie beside it.</param>
    /// <param name="method">What they are for, as <see cref="BackupManifest.Method"/> has it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<BackupManifest> SaveAsync(DatabaseFiles files, string manifestPath, string method, CancellationToken cancellationToken)
    {
        var begun = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        Directory.CreateDirectory(Path.GetDirectoryName(manifestPath)!);
        var described = new List<BackupFile>();
        foreach (var (role, from) in files.Present.ToList())
        {
            var to = manifestPath[..^BackupFolder.Ending.Length] + ".db" + DatabaseFiles.EndingOf(role);
            await CopyAsync(from, to, cancellationToken).ConfigureAwait(false);
            described.Add(await BackupDigests.DescribeAsync(to, role, cancellationToken).ConfigureAwait(false));
        }

        var manifest = new BackupManifest
        {
            Id = Identifiers.New("backup"),
            Kind = "sqlite",
            Store = "sqlite:" + files.Path,
            Mode = BackupMode.SetAside,
            Method = method,
            CreatedAt = begun,
            DurationMs = watch.ElapsedMilliseconds,
            Files = described,
            Counts = new Dictionary<string, long>(),
            ToolVersion = ToolVersion.Text,
            EngineVersion = SqliteRuntime.Version,
        };
        return await BackupFolder.WriteAsync(manifest, manifestPath, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        await using var file = DatabaseFiles.Open(from);
        await using var writing = new FileStream(to, PrivateFile.Options());
        await file.CopyToAsync(writing, cancellationToken).ConfigureAwait(false);
        writing.FlushToDisk();
    }
}
