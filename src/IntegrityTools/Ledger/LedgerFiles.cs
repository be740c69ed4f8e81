using IntegrityTools.Stores;

namespace IntegrityTools.Ledger;

/// <summary>Makes the ledger's folder and files so that only their owner can read them.</summary>
internal static class LedgerFiles
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    public static void CreateFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens a file for writing, unbuffered; one that is made here belongs to its owner alone.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = PrivateFile.Options(mode);
        (options.Share, options.BufferSize) = (share, 0);
        return new FileStream(path, options);
    }

    public static bool IsHeldByAnother(IOException failure) =>
        failure.HResult == (OperatingSystem.IsWindows() ? SharingViolation : OperatingSystem.IsLinux() ? LinuxWouldBlock : MacWouldBlock);
}
