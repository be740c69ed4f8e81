using System.Runtime.InteropServices;

namespace IntegrityTools.Stores;

/// <summary>Who owns a file: what root restores stays its application's.</summary>
internal static partial class FileOwner
{
    private const uint UserAndGroup = 0x18;
    private const int UserAt = 20;
    private const int GroupAt = 24;

    /// <summary>Gives a file the owner and group of another, where this process may; elsewhere it stays this user's, as any new file.</summary>
    public static void Copy(string from, string to)
    {
        Span<byte> status = stackalloc byte[FileIdentity.StatusLength];
        if (FileIdentity.TryStatus(from, UserAndGroup, status))
        {
            _ = ChangeOwner(to, MemoryMarshal.Read<uint>(status[UserAt..]), MemoryMarshal.Read<uint>(status[GroupAt..]));
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
