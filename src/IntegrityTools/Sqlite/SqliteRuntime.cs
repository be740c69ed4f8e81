using System.Runtime.InteropServices;
using IntegrityTools.Model;
using SQLitePCL;

namespace IntegrityTools.Sqlite;

/// <summary>Loads the native SQLite once per process, for every room that opens a SQLite file.</summary>
public static class SqliteRuntime
{
    /// <summary>The environment variable that names another library than the one that comes along: a path, or a name such as <c>libsqlite3.so.0</c>.</summary>
    public const string LibraryVariable = "INTEGRITY_SQLITE_LIBRARY";

    private static nint library;

    private static readonly Version FirstWithTables = new(3, 33, 0);

    private static readonly Lazy<string> Loaded = new(static () =>
    {
        if (Environment.GetEnvironmentVariable(LibraryVariable) is { Length: > 0 } chosen)
        {
            library = Load(chosen);
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? library : nint.Zero);
            Source = chosen;
        }
        else if (!NativeLibrary.TryLoad("e_sqlite3", typeof(SQLite3Provider_e_sqlite3).Assembly, null, out library))
        {
            throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                "The SQLite that comes along cannot be loaded. It is there for Linux with glibc 2.34 or later or with musl, macOS and Windows.",
                "e_sqlite3",
                $"Name another in {LibraryVariable}: a path, or a name such as libsqlite3.so.0.");
        }

        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        MappedFiles.Forbid(library);
        return raw.sqlite3_libversion().utf8_to_string();
    });

    /// <summary>The loaded library's version, such as <c>3.50.4</c>. Loads it when it is not loaded yet.</summary>
    /// <exception cref="IntegrityException">The library that comes along, or the one that <see cref="LibraryVariable"/> names, does not load.</exception>
    public static string Version => Loaded.Value;

    /// <summary>Where the loaded library comes from: <c>bundled</c>, or what <see cref="LibraryVariable"/> names.</summary>
    public static string Source { get; private set; } = "bundled";

    /// <summary>True when the loaded library checks one table by itself: from 3.33 on.</summary>
    internal static bool ChecksTables => System.Version.Parse(Version) >= FirstWithTables;

    /// <summary>For a person: version, origin, and the known bugs that damage databases.</summary>
    public static string Description
    {
        get
        {
            var bugs = LibraryBug.All.Where(bug => bug.IsIn(System.Version.Parse(Version))).Select(bug => $"; has the {bug.Name}, fixed in {bug.Fixed}");
            return $"{Version} ({Source}{string.Concat(bugs)})";
        }
    }

    /// <summary>Loads the library unless it is loaded.</summary>
    public static void Initialize() => _ = Loaded.Value;

    /// <summary>The address of a function of the loaded library; zero: it is not known.</summary>
    internal static nint Export(string function)
    {
        Initialize();
        return library != nint.Zero && NativeLibrary.TryGetExport(library, function, out var address) ? address : nint.Zero;
    }

    private static nint Load(string chosen)
    {
        var why = "it cannot be loaded";
        if (NativeLibrary.TryLoad(chosen, out var library))
        {
            if (NativeLibrary.TryGetExport(library, "sqlite3_libversion", out _))
            {
                return library;
            }

            why = "it is no SQLite";
        }

        throw new IntegrityException(
            ErrorIds.InvalidConfiguration,
            $"{LibraryVariable} names the library '{chosen}', but {why}.",
            chosen,
            $"Give the full path of a SQLite library for this system and processor, or unset {LibraryVariable} to use the one that comes along.");
    }
}
