using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Keeps a salvage from writing over what it reads, and beside what SQLite would apply to what it wrote.</summary>
internal static class SalvageTarget
{
    private static readonly string[] Endings = ["-wal", "-shm", "-journal"];

    /// <summary>Refuses a place for the new database where it would do harm.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>: it is one of the damaged database's own files, or a log or a journal lies beside it.</exception>
    public static void ThrowIfInUse(string source, string destination)
    {
        var files = DatabaseFiles.At(source);
        var option = CommandWords.Option("--to", "-Destination");
        if (files.Companions.Prepend(files.Path).FirstOrDefault(path => IsSame(path, destination)) is { } own)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                own == files.Path ? "The new database would take the damaged one's place: both are one file." : $"The new database would take the place of '{own}', which belongs to the damaged one.",
                destination,
                $"Name a file of its own with {option}: the damaged one is the only evidence of what was in it.");
        }

        var beside = Endings.Select(ending => destination + ending).Where(File.Exists).ToList();
        if (beside.Count > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"Beside the new database would lie {string.Join(" and ", beside.Select(path => $"'{path}'"))}, which SQLite would apply to it and so destroy it.",
                destination,
                $"Close what has that database open; move what is still there away, together with the database that it belongs to; or name another file with {option}.");
        }
    }

    private static bool IsSame(string path, string other) =>
        string.Equals(Real(path), Real(other), OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
        || (FileIdentity.Of(path) is { } file && FileIdentity.Of(other) == file);

    private static string Real(string path) => Path.GetFullPath(DatabaseFiles.At(path).Path);
}
