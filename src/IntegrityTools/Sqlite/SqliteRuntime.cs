using SQLitePCL;

namespace IntegrityTools.Sqlite;

/// <summary>Loads the native SQLite once per process, for every room that opens a SQLite file.</summary>
public static class SqliteRuntime
{
    private static readonly Lazy<string> Loaded = new(static () =>
    {
        Batteries_V2.Init();
        return raw.sqlite3_libversion().utf8_to_string();
    });

    /// <summary>The loaded library's version, such as <c>3.35.5</c>. Loads it when it is not loaded yet.</summary>
    public static string Version => Loaded.Value;

    /// <summary>Loads the library unless it is loaded.</summary>
    public static void Initialize() => _ = Loaded.Value;
}
