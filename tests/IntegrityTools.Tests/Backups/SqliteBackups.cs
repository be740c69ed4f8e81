using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using IntegrityTools.Tests.Repair;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Backups;

/// <summary>Small databases, their backups, and what stands in them.</summary>
internal static class SqliteBackups
{
    public static string Make(Workplace place, string name, string mode)
    {
        var path = place.PathOf(name);
        SqliteRuntime.Initialize();
        Run(path, $"""
            PRAGMA journal_mode = {mode};
            CREATE TABLE pair(writer TEXT, serial INTEGER, side INTEGER);
            CREATE TABLE "a ""quoted"" name"(id INTEGER PRIMARY KEY, body BLOB);
            CREATE TABLE parent(id INTEGER PRIMARY KEY); CREATE TABLE child(parent INTEGER REFERENCES parent(id));
            PRAGMA foreign_keys = OFF; INSERT INTO child VALUES(99999);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO pair SELECT 'first', i, hex(randomblob(60)) FROM n;
            DELETE FROM pair WHERE rowid = 7; INSERT INTO pair VALUES('first', 0, 0);
            INSERT INTO "a ""quoted"" name" VALUES(3, zeroblob(9000));
            CREATE INDEX by_serial ON pair(serial, side);
            """);
        return path;
    }

    public static string MakeFifty(Workplace place, string name, string mode = "wal")
    {
        SqliteRuntime.Initialize();
        var path = place.PathOf(name);
        Run(path, $"PRAGMA journal_mode = {mode}; CREATE TABLE t(n); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50) INSERT INTO t SELECT n FROM r");
        return path;
    }

    public static Task<BackupManifest> BackUpAsync(Workplace place, string path, bool force = false, BackupRetention? retention = null) =>
        place.Engine.Backups.CreateAsync(new BackupOptions { Store = "sqlite:" + path, Folder = place.PathOf("backups"), Force = force, Retention = retention }, default);

    public static Task<RestoreReport> RestoreAsync(Workplace place, BackupManifest backup, string path, bool overwrite = false) =>
        place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = backup.Path, Store = "sqlite:" + path, Overwrite = overwrite }, default);

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static void Run(string path, string sql)
    {
        using var connection = Open(path);
        Execute(connection, sql);
    }

    public static long Count(string path)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM t";
        return (long)command.ExecuteScalar()!;
    }

    public static string Ask(string path, string sql) => Dump(path, sql).TrimEnd('\n');

    public static string Dump(string path, string sql = "SELECT rowid, * FROM pair ORDER BY rowid")
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var text = new System.Text.StringBuilder();
        while (reader.Read())
        {
            text.AppendJoin('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)).Append('\n');
        }

        return text.ToString();
    }
}
