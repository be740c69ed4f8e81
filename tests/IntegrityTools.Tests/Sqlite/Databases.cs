using System.Security.Cryptography;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Makes databases, and knows when one of its files has changed.</summary>
internal static class Databases
{
    public const string Shop = """
        CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE "order" (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), note TEXT, amount REAL);
        CREATE INDEX order_customer ON "order" (customer_id);
        CREATE TABLE item (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES "order"(id) ON DELETE CASCADE, data BLOB);
        CREATE INDEX item_order ON item (order_id);
        CREATE TABLE tag (name TEXT, number INTEGER, customer_id INTEGER REFERENCES customer(id) ON DELETE SET NULL, PRIMARY KEY (name, number)) WITHOUT ROWID;
        CREATE INDEX tag_customer ON tag (customer_id);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO customer SELECT i, 'customer ' || i FROM n;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO "order" SELECT i, 1 + i % 300, 'note ' || i, i / 7.0 FROM n;
        """;

    public static string Create(string path, params string[] statements)
    {
        using var connection = Open(path);
        foreach (var statement in statements)
        {
            Run(connection, statement);
        }

        return path;
    }

    public static SqliteConnection Open(string path)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, ForeignKeys = false }.ToString());
        connection.Open();
        return connection;
    }

    public static void Run(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    public static object? Ask(string path, string query)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar();
    }

    /// <summary>Changes rows behind an index's back, as damage does.</summary>
    public static void ChangeBehindIndex(string path, string index, string change)
    {
        var root = (long)Ask(path, $"SELECT rootpage FROM sqlite_master WHERE name = '{index}'")!;
        var (table, sql) = (Ask(path, $"SELECT tbl_name FROM sqlite_master WHERE name = '{index}'"), Ask(path, $"SELECT sql FROM sqlite_master WHERE name = '{index}'"));
        Create(path, $"PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = '{index}'");
        Create(path, change);
        Create(path, $"PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES ('index', '{index}', '{table}', {root}, '{sql}')");
    }

    /// <summary>Every file in a folder with its length, time and content.</summary>
    public static IReadOnlyList<string> Trace(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal).Select(file =>
            $"{file.Name} {file.Length} {file.LastWriteTimeUtc:O} {Hash(file.FullName)}")];

    public static void Overwrite(string path, long offset, params byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = offset;
        file.Write(bytes);
    }

    private static string Hash(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
