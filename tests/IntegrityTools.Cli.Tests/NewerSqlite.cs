using System.Runtime.InteropServices;

namespace IntegrityTools.Cli.Tests;

/// <summary>A SQLite on this machine that is newer than the one that comes along: what SQLITE_LIBRARY names, else the system's.</summary>
internal static class NewerSqlite
{
    private delegate nint VersionText();

    /// <summary>Its path or name, when there is one of that version or later; null: there is none.</summary>
    public static string? From(Version version) =>
        new[] { Environment.GetEnvironmentVariable("SQLITE_LIBRARY"), "libsqlite3.so.0", "libsqlite3.dylib" }.FirstOrDefault(name => name is { Length: > 0 } && VersionOf(name) >= version);

    private static Version? VersionOf(string name)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
        {
            return null;
        }

        try
        {
            return NativeLibrary.TryGetExport(library, "sqlite3_libversion", out var ask)
                ? Version.Parse(Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<VersionText>(ask)())!)
                : null;
        }
        finally
        {
            NativeLibrary.Free(library);
        }
    }
}
