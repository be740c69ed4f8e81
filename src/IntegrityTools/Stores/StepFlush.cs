using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Stores;

/// <summary>
/// Has the system begin to write out what was written to a large file, again and again while it grows. Left to the end, it would all go at once, and the small
/// writes that others wait for would stand behind it. Only for a new file that nobody else has open, never for a store: it opens the file a second time, and closing
/// that drops the POSIX locks that this process, and so SQLite in it, holds on the file.
/// </summary>
internal sealed partial class StepFlush(string path) : IDisposable
{
    private const uint Write = 2;
    private readonly SafeFileHandle? file = OperatingSystem.IsLinux() ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete) : null;

    /// <summary>Begins, and waits for nothing. It promises nothing either: a flush at the end does.</summary>
    public void Begin()
    {
        if (file is not null)
        {
            _ = SyncFileRange(file, 0, 0, Write);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
