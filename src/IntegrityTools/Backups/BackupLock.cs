using System.Security.Cryptography;
using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.Backups;

/// <summary>
/// The right to write backups into a folder, of one name and of one store: two of a name would write the same unfinished file, and two of a store,
/// whatever it is called, would count alike and remove what the other builds on. The system frees it with the process.
/// </summary>
internal sealed class BackupLock : IDisposable
{
    // ERROR_SHARING_VIOLATION; EWOULDBLOCK of Linux, and of macOS and the BSDs.
    private static readonly int[] InUse = [unchecked((int)0x80070020), 11, 35];

    private readonly FileStream store;
    private readonly FileStream name;

    private BackupLock(FileStream store, FileStream name) => (this.store, this.name) = (store, name);

    /// <summary>Takes it; disposing frees it.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="name">See <see cref="Stores.BackupRequest.Name"/>.</param>
    /// <param name="store">The store's canonical address.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.LeaseHeld"/>: another process, or another backup of this one, holds it.</exception>
    public static BackupLock Take(string folder, string name, string store)
    {
        // Names have no dots, so the two kinds of file are never one.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(store)))[..16];
        var ofStore = Open(folder, $".{digest}.store.lock", $"Another backup of {store} is being written into this folder.", string.Empty);
        try
        {
            return new(ofStore, Open(
                folder, $".{name}.lock", $"Another backup named '{name}' is being written into this folder.", " Two stores of one name need a folder each."));
        }
        catch
        {
            ofStore.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        name.Dispose();
        store.Dispose();
    }

    // The file stays: removed, it could still be locked without its name by who had opened it before, while another locks a new one of that name.
    private static FileStream Open(string folder, string file, string held, string advice)
    {
        try
        {
            return new FileStream(Path.Combine(folder, file), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1);
        }
        catch (IOException failure) when (InUse.Contains(failure.HResult))
        {
            throw new IntegrityException(ErrorIds.LeaseHeld, held, folder, "Wait until it has ended; its files are not touched." + advice, failure);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed, $"The folder cannot be written to: {exception.Message}", folder,
                "Make room or give the rights to the folder and the locks in it, then run the command again.", exception);
        }
    }
}
