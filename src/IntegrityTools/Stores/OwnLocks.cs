using System.Globalization;

namespace IntegrityTools.Stores;

/// <summary>The POSIX locks that this process holds, whichever of its libraries took them.</summary>
internal static class OwnLocks
{
    /// <summary>The numbers of the locked files; none on systems other than Linux, and where the system does not tell. Devices are not compared, since some file systems tell two for one.</summary>
    public static IReadOnlySet<ulong> Inodes()
    {
        var inodes = new HashSet<ulong>();
        if (!OperatingSystem.IsLinux())
        {
            return inodes;
        }

        try
        {
            // The process's number as this /proc counts: a container may be shown that of its host.
            var own = new FileInfo("/proc/self").LinkTarget;
            foreach (var line in File.ReadLines("/proc/locks"))
            {
                // 1: POSIX  ADVISORY  READ 6371 fe:00:11723387 1073741826 1073742335
                if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "POSIX", _, _, var process, var file, ..] && process == own
                    && ulong.TryParse(file.AsSpan(file.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                {
                    inodes.Add(inode);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A sandbox that hides it: only the locks of our own connections are known, by their count.
        }

        return inodes;
    }
}
