using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>The right to write backups of one name into a folder: two at once would write the same unfinished file. The system frees it with the process.</summary>
internal static class BackupLock
{
    // ERROR_SHARING_VIOLATION; EWOULDBLOCK of Linux, and of macOS and the BSDs.
    private static readonly int[] InUse = [unchecked((int)0x80070020), 11, 35];

    /// <summary>Takes it; disposing frees it.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.LeaseHeld"/>: another process, or another backup of this one, holds it.</exception>
    public static IDisposable Take(BackupRequest request)
    {
        var path = Path.Combine(request.Folder, request.Name + ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException held) when (InUse.Contains(held.HResult))
        {
            throw new IntegrityException(
                ErrorIds.LeaseHeld, $"Another backup named '{request.Name}' is being written into this folder.", request.Folder,
                "Wait until it has ended; its files are not touched. Two stores of one name need a folder each.", held);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The folder cannot be written to: {exception.Message}", request.Folder, "Make room or give the folder's rights, then run the command again.", exception);
        }
    }
}
