using System.Runtime.InteropServices;

namespace IntegrityTools.Stores;

/// <summary>Flushes a folder to disk: a rename is durable only then. .NET opens no folders, so libc is asked.</summary>
internal static partial class FolderSync
{
    // EINVAL and EOPNOTSUPP (of Linux; ENOTSUP and EOPNOTSUPP of macOS): shares and other file systems that do not flush answer so, and
    // there is nothing more that anybody could do there.
    internal static readonly int[] NotOffered = OperatingSystem.IsLinux() ? [22, 95] : [22, 45, 102];

    /// <summary>Flushes; on Windows nothing, since NTFS journals renames itself.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException($"The folder '{folder}' cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        var failed = Sync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        failed = failed && !NotOffered.Contains(error);
        _ = Close(descriptor);
        if (failed)
        {
            throw new IOException($"The folder '{folder}' cannot be flushed to disk (error {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
