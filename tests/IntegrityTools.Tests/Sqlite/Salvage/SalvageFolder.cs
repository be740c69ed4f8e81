using System.Globalization;
using IntegrityTools.Sqlite;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>A scratch folder with a database, what SQLite reads from it, and what a salvage makes of it.</summary>
internal sealed class SalvageFolder : IDisposable
{
    public SalvageFolder() => SqliteRuntime.Initialize();

    public string Root { get; } = Directory.CreateTempSubdirectory("integrity-salvage-").FullName;

    public string Source => At("source.db");

    public string Destination => At("new.db");

    public string At(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public void Execute(params string[] statements) => Execute(Source, statements);

    public static void Execute(string path, params string[] statements)
    {
        using var connection = Open(path);
        foreach (var sql in statements)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    public static SqliteConnection Open(string path)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public SalvageReport Salvage(string? schema = null, bool deleted = false, LogUse wal = LogUse.Committed, LogUse journal = LogUse.Committed) => Salvager.Run(
        new SalvageOptions { Path = Source, Destination = Destination, SchemaPath = schema, Deleted = deleted, Wal = wal, Journal = journal, Overwrite = true },
        CancellationToken.None);

    /// <summary>The rows of a table by key: types and bytes, so that nothing compares equal by conversion.</summary>
    public static Dictionary<string, string> Rows(string path, string table, string key)
    {
        using var connection = Open(path);
        return Rows(connection, table, key);
    }

    public static Dictionary<string, string> Rows(SqliteConnection connection, string table, string key)
    {
        var columns = new List<string>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden <> 1";
            using var names = command.ExecuteReader();
            while (names.Read())
            {
                columns.Add(names.GetString(0));
            }
        }

        var values = columns.Select(name => $"typeof(\"{name}\"), CASE WHEN typeof(\"{name}\") IN ('text','blob') THEN hex(\"{name}\") ELSE \"{name}\" END");
        using var query = connection.CreateCommand();
        query.CommandText = $"SELECT {key}, {string.Join(',', values)} FROM \"{table}\" NOT INDEXED";
        using var reader = query.ExecuteReader();
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read())
        {
            rows.Add(
                Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!,
                string.Join('|', Enumerable.Range(1, reader.FieldCount - 1).Select(index =>
                    reader.GetValue(index) is double number ? BitConverter.DoubleToInt64Bits(number).ToString(CultureInfo.InvariantCulture) : $"{reader.GetValue(index)}")));
        }

        return rows;
    }

    public static long Count(string path, string sql)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Reads a file that a connection has open.</summary>
    public static byte[] Shared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static bool HasTable(string path, string table) => Count(path, $"SELECT count(*) FROM sqlite_schema WHERE name = '{table}'") > 0;
}
