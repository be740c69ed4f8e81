using System.Runtime.InteropServices;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Files that are none: pipes, sockets, devices. Who opens a pipe waits for another program to open its other end, and nothing calls that off.</summary>
internal static class SpecialFile
{
    private const uint TypeWanted = 0x1;
    private const int ModeAt = 28;

    /// <summary>What stands at a path in a file's place, links followed; null: a file, a folder, nothing, and on systems other than Linux.</summary>
    public static string? KindOf(string path)
    {
        Span<byte> status = stackalloc byte[FileIdentity.StatusLength];
        return !FileIdentity.TryStatus(path, TypeWanted, status) ? null : (MemoryMarshal.Read<ushort>(status[ModeAt..]) >> 12) switch
        {
            1 => "a named pipe",
            2 or 6 => "a device",
            12 => "a socket",
            _ => null,
        };
    }

    /// <summary>Throws when what stands at a path is no file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="wanted">What should be there, for a person.</param>
    /// <param name="errorId">The error's id.</param>
    /// <param name="nextStep">What to do then.</param>
    /// <exception cref="IntegrityException">With that id.</exception>
    public static void ThrowIf(string path, string wanted, string errorId, string nextStep)
    {
        if (KindOf(path) is { } kind)
        {
            throw new IntegrityException(errorId, $"'{path}' is {kind}, not {wanted}.", path, nextStep);
        }
    }
}
