using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Stores;

/// <summary>
/// Flushes a file to disk. .NET's own way (<see cref="FileStream.Flush(bool)"/>, <see cref="RandomAccess.FlushToDisk"/>) keeps quiet where the system answers that it failed: what a
/// broken disk has not taken would count as written.
/// </summary>
internal static partial class FileSync
{
    // F_FULLFSYNC of macOS: what fsync there leaves in the disk's own cache is written, too.
    private const int Full = 51;

    /// <summary>Flushes what was written to a stream.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void FlushToDisk(this FileStream file)
    {
        file.Flush();
        Flush(file.SafeFileHandle);
    }

    /// <summary>Flushes a file.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (!(OperatingSystem.IsMacOS() && Control(file, Full) == 0) && Sync(file) != 0 && Marshal.GetLastPInvokeError() is var error && !FolderSync.NotOffered.Contains(error))
        {
            throw new IOException($"What was written cannot be flushed to disk (error {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command);
}
