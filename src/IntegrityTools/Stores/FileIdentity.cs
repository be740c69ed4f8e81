using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Stores;

/// <summary>What tells a file from another one that has taken its name.</summary>
internal static partial class FileIdentity
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint InodeWanted = 0x100;
    private const uint NamesWanted = 0x4;
    private const int NamesAt = 16;
    private const int InodeAt = 32;
    private const int DeviceAt = 136;

    /// <summary>The bytes of a status.</summary>
    public const int StatusLength = 256;

    /// <summary>The file's number, and that of the device it is on; null when there is none, and on systems other than Linux.</summary>
    public static (ulong Inode, ulong Device)? Of(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        return TryStatus(path, InodeWanted, status) ? Identity(status) : null;
    }

    /// <summary>The same of an open file, whatever has its name by now.</summary>
    public static (ulong Inode, ulong Device)? Of(SafeFileHandle file)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        return OperatingSystem.IsLinux() && Statx((int)file.DangerousGetHandle(), string.Empty, EmptyPath, InodeWanted, status) == 0 ? Identity(status) : null;
    }

    /// <summary>How many names the file has in its file system (hard links); null when there is none, and on systems other than Linux.</summary>
    public static uint? NamesOf(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        return TryStatus(path, NamesWanted, status) ? MemoryMarshal.Read<uint>(status[NamesAt..]) : null;
    }

    /// <summary>What Linux tells of a file (statx); false when there is none, and on other systems.</summary>
    public static bool TryStatus(string path, uint wanted, Span<byte> status) => OperatingSystem.IsLinux() && Statx(CurrentFolder, path, 0, wanted, status) == 0;

    private static (ulong Inode, ulong Device) Identity(ReadOnlySpan<byte> status) =>
        (MemoryMarshal.Read<ulong>(status[InodeAt..]), MemoryMarshal.Read<ulong>(status[DeviceAt..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
