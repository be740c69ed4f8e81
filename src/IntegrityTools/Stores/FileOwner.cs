using System.Runtime.InteropServices;

namespace IntegrityTools.Stores;

/// <summary>Who owns a file: what root restores stays its application's.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x18;
    private const int UserAt = 20;
    private const int GroupAt = 24;
    private const int StatxLength = 256;

    /// <summary>Gives a file the owner and group of another, where this process may; elsewhere it stays this user's, as any new file.</summary>
    public static void Copy(string from, string to)
    {
        Span<byte> status = stackalloc byte[StatxLength];
        if (OperatingSystem.IsLinux() && Statx(CurrentFolder, from, 0, UserAndGroup, status) == 0)
        {
            _ = ChangeOwner(to, MemoryMarshal.Read<uint>(status[UserAt..]), MemoryMarshal.Read<uint>(status[GroupAt..]));
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
