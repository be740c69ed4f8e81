using System.Security.Cryptography;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>What the files of databases hold, to be compared.</summary>
internal static class FileStates
{
    /// <summary>The contents of the files that are there.</summary>
    public static async Task<IReadOnlyList<FileState>> OfAsync(DatabaseFiles files, CancellationToken cancellationToken)
    {
        var states = new List<FileState>();
        foreach (var (role, path) in files.Present.ToList())
        {
            await using var file = DatabaseFiles.Open(path);
            states.Add(await OfAsync(role, file, cancellationToken).ConfigureAwait(false));
        }

        return states;
    }

    /// <summary>The content of one open file, from its beginning.</summary>
    public static async Task<FileState> OfAsync(string role, Stream file, CancellationToken cancellationToken)
    {
        file.Position = 0;
        return new FileState(role, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false)), file.Length);
    }

    /// <summary>True for the same files with the same contents.</summary>
    public static bool AreSame(IReadOnlyList<FileState> one, IReadOnlyList<FileState> other) => one.Count == other.Count && one.All(other.Contains);

    /// <summary>
    /// True when two sets of files are the same database for a reader: the first may have been on its way to where SQLite had brought
    /// the log into the file, or have lost the log of a database that SQLite cannot open.
    /// </summary>
    /// <param name="present">The files that are there.</param>
    /// <param name="saved">The files as they were.</param>
    /// <param name="savedFolder">The folder of <paramref name="saved"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<bool> MeanTheSameAsync(DatabaseFiles present, IReadOnlyList<BackupFile> saved, string savedFolder, CancellationToken cancellationToken)
    {
        var now = await OfAsync(present, cancellationToken).ConfigureAwait(false);
        if (now.All(file => saved.Any(old => old.Role == file.Role && old.Sha256 == file.Sha256)))
        {
            return now.Count > 0 || saved.All(file => file.Role != DatabaseFiles.Database); // What was left over of no database may be gone.
        }

        var scratch = Directory.CreateTempSubdirectory("integrity-restore-").FullName;
        try
        {
            var before = await SettledAsync(
                saved.Select(file => (file.Role, Path.Combine(savedFolder, file.Name))), Path.Combine(scratch, "saved.db"), cancellationToken).ConfigureAwait(false);
            var after = await SettledAsync(present.Present.ToList(), Path.Combine(scratch, "present.db"), cancellationToken).ConfigureAwait(false);
            return before is not null && before == after;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static async Task<string?> SettledAsync(IEnumerable<(string Role, string Path)> files, string copy, CancellationToken cancellationToken)
    {
        foreach (var (role, path) in files)
        {
            await using var from = DatabaseFiles.Open(path);
            await using var to = new FileStream(copy + DatabaseFiles.EndingOf(role), PrivateFile.Options());
            await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
        }

        var settled = DatabaseFiles.At(copy);
        if (!settled.Exists || settled.Refusal() is not null)
        {
            return null;
        }

        using (var hold = DatabaseHold.Take(settled))
        {
            hold.Settle();
        }

        // A journal whose header is wiped was done with: who held the file alone was killed before it went.
        var states = await OfAsync(settled, cancellationToken).ConfigureAwait(false);
        return states.Where(file => file.Role != "journal" || RollbackJournal.IsThere(settled.Journal)).ToList() is [var one] ? one.Sha256 : null;
    }
}
