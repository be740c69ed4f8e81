namespace IntegrityTools.Cli.Tests;

/// <summary>The SQLite 3.35.5 that lies beside the tests, which knows neither STRICT nor the check of full-text indexes.</summary>
internal static class OlderSqlite
{
    /// <summary>What makes the program load it.</summary>
    public static Dictionary<string, string> Environment => new()
    {
        [Sqlite.SqliteRuntime.LibraryVariable] = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "older"), "*e_sqlite3*").First(),
    };
}
