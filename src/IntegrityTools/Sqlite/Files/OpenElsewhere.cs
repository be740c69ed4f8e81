using System.Globalization;
using System.Runtime.InteropServices;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Files;

/// <summary>
/// Which processes have a file open. One that is idle holds no lock, so SQLite tells nothing of it; and it would go on writing to the file that was replaced, which nobody
/// finds again. Known on Linux only, and there of the processes that this account may look at.
/// </summary>
internal static partial class OpenElsewhere
{
    /// <summary>What to do where a restore is refused.</summary>
    public const string ForRestore = "Stop it, then run the command again; --while-open (-WhileOpen) of a restore replaces the file all the same.";

    /// <summary>What to do where taking one back is refused.</summary>
    public const string ForUndo = "Close that program, then run the undo again.";

    private const int CurrentFolder = -100;
    private const uint Inode = 0x100;
    private const int InodeAt = 32;
    private const int DeviceAt = 136;
    private const int StatxLength = 256;

    /// <summary>Throws when another process has the file open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nextStep">What to do then.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidState"/>.</exception>
    public static void ThrowIfOpen(string path, string nextStep)
    {
        if (Find(path) is [var first, ..])
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, $"{first} has the database open: it would go on with the old file, and what it writes would be lost.", path, nextStep);
        }
    }

    /// <summary>The processes, each with its number and name; never this one.</summary>
    public static IReadOnlyList<string> Find(string path)
    {
        var found = new List<string>();
        if (!OperatingSystem.IsLinux() || Identify(path) is not { } file)
        {
            return found;
        }

        var name = "/" + Path.GetFileName(path);
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != Environment.ProcessId && Has(process, name, file))
            {
                found.Add($"Process {number.ToString(CultureInfo.InvariantCulture)} ({NameOf(process)})");
            }
        }

        return found;
    }

    private static bool Has(string process, string name, (ulong, ulong) file)
    {
        try
        {
            // By its name first: to ask for more of a file that lies on a server which does not answer would hang.
            return Directory.EnumerateFileSystemEntries(process + "/fd")
                .Any(open => new FileInfo(open).LinkTarget is { } target && target.EndsWith(name, StringComparison.Ordinal) && Identify(open) == file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended, or is another account's.
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

    private static (ulong Inode, ulong Device)? Identify(string path)
    {
        Span<byte> status = stackalloc byte[StatxLength];
        return Statx(CurrentFolder, path, 0, Inode, status) == 0
            ? (MemoryMarshal.Read<ulong>(status[InodeAt..]), MemoryMarshal.Read<ulong>(status[DeviceAt..]))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
