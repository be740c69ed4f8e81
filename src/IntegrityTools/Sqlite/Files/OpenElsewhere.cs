using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Files;

/// <summary>
/// Which processes have a file open. One that is idle holds no lock, so SQLite tells nothing of it; and it would go on writing to the file that was replaced, which nobody
/// finds again. Known on Linux only, and there of the processes that this account may look at.
/// </summary>
internal static class OpenElsewhere
{
    // A process that is just being started holds what its parent has open until its own program begins.
    private static readonly TimeSpan OfAStart = TimeSpan.FromMilliseconds(200);

    /// <summary>What to do where a restore is refused.</summary>
    public static string ForRestore => $"Stop it, then run the command again; {WhileOpen} of a restore replaces the file all the same.";

    /// <summary>What to do where taking one back is refused.</summary>
    public static string ForUndo => $"Close that program, then run the undo again; {WhileOpen} of an undo replaces the file all the same.";

    /// <summary>What to do where either was begun, and was held up then.</summary>
    public static string ForBegun =>
        $"Close that program, then resume the execution by {CommandWords.Command("integrity repair --resume", "Resume-RepairExecution")}; {WhileOpen} of that replaces the file all the same.";

    private static string WhileOpen => CommandWords.Option("--while-open", "-WhileOpen");

    /// <summary>What a person has to make sure of where not every process could be looked at.</summary>
    public const string NotAllSeen = "Programs of other accounts could not be looked at: one that has the database open goes on with the old file, and what it writes is lost. Make sure that none has.";

    /// <summary>The same where no process can be.</summary>
    public const string NoneSeen = "Which programs have the database open is not known on this system: one that has goes on with the old file, and what it writes is lost. Make sure that none has.";

    /// <summary>Throws when another process has the file open, at a second look too.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nextStep">What to do then.</param>
    /// <returns>What could not be seen, for a person; null: no process has it open.</returns>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static string? ThrowIfOpen(string path, string nextStep)
    {
        var (found, unseen) = Find(path);
        if (found is not null)
        {
            Thread.Sleep(OfAStart);
            (found, unseen) = Find(path);
        }

        return found is null ? unseen : throw new IntegrityException(
            ErrorIds.InvalidState, $"{found} has the database open: it would go on with the old file, and what it writes would be lost.", path, nextStep);
    }

    /// <summary>A process that has the file open, with its number and name, never this one, null when none was seen; and what could not be seen.</summary>
    public static (string? Process, string? Unseen) Find(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (null, NoneSeen);
        }

        if (FileIdentity.Of(path) is not { } file)
        {
            return (null, null);
        }

        // Where /proc shows an account its own processes only, there is no first one.
        var all = Directory.Exists("/proc/1");
        var name = "/" + Path.GetFileName(path);
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == Environment.ProcessId)
            {
                continue;
            }

            var has = Has(process, name, file);
            if (has == true)
            {
                return ($"Process {number.ToString(CultureInfo.InvariantCulture)} ({NameOf(process)})", null);
            }

            all &= has is not null;
        }

        return (null, all ? null : NotAllSeen);
    }

    /// <summary>Null: it may not be looked at.</summary>
    private static bool? Has(string process, string name, (ulong Inode, ulong Device) file)
    {
        try
        {
            // By what the system knows of it first: to ask for more of a file that lies on a server which does not answer would hang.
            return Directory.EnumerateFileSystemEntries(process + "/fd").Any(open => MayBe(process, open, name, file.Inode) && FileIdentity.Of(open) == file);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return false; // It has ended.
        }
    }

    /// <summary>By its number, since it may be open under another name: a hard link, a place where a container sees it. Linux before 5.14 tells its name only.</summary>
    private static bool MayBe(string process, string open, string name, ulong inode)
    {
        try
        {
            var number = File.ReadLines($"{process}/fdinfo/{Path.GetFileName(open)}").FirstOrDefault(line => line.StartsWith("ino:", StringComparison.Ordinal));
            return number is null
                ? new FileInfo(open).LinkTarget?.EndsWith(name, StringComparison.Ordinal) == true
                : ulong.TryParse(number.AsSpan(4), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var own) && own == inode;
        }
        catch (IOException)
        {
            return false; // Closed meanwhile; the process may have others open.
        }
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText(process + "/comm").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
