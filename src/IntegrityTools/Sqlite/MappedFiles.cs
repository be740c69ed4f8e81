using System.Runtime.InteropServices;

namespace IntegrityTools.Sqlite;

/// <summary>
/// SQLite maps the temporary files of its sorter into memory, up to 2 GB of them: an index over a large table then takes as much of it as the index is long. Told
/// before its first use, it reads them through buffers instead.
/// </summary>
internal static unsafe class MappedFiles
{
    private const int MmapSize = 22;

    /// <summary>Forbids it; a library that is in use already refuses, and goes on as it is.</summary>
    /// <param name="library">The library; zero: not known.</param>
    public static void Forbid(nint library)
    {
        if (library == nint.Zero || !NativeLibrary.TryGetExport(library, "sqlite3_config", out var config))
        {
            return;
        }

        if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            // There the arguments behind "..." go over the stack: the registers have to be filled first.
            _ = ((delegate* unmanaged[Cdecl]<int, nint, nint, nint, nint, nint, nint, nint, long, long, int>)config)(MmapSize, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            return;
        }

        _ = ((delegate* unmanaged[Cdecl]<int, long, long, int>)config)(MmapSize, 0, 0);
    }
}
