using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A schema that the user gives: a file of SQL, or a sound database.</summary>
internal static class GivenSchema
{
    private const string NextStep = "Name a file of SQL (.schema of the sqlite3 shell writes one), or a sound database, that this account may read.";

    /// <summary>Its entries, without root pages: those are another file's.</summary>
    /// <exception cref="IntegrityException">It is not there, or is neither.</exception>
    public static IReadOnlyList<SchemaEntry> Read(string path)
    {
        SqliteRuntime.Initialize();
        if (!File.Exists(path))
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, "The schema's file does not exist.", path, "Name a file of SQL, or a sound database with the same tables.");
        }

        SpecialFile.ThrowIf(path, "a schema", ErrorIds.InvalidArgument, NextStep);
        try
        {
            // Immutable: opening it otherwise could make a -wal and a -shm beside it.
            var database = IsDatabase(path);
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = database ? new Uri(Path.GetFullPath(path)).AbsoluteUri + "?immutable=1" : ":memory:",
                Mode = database ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
                Pooling = false,
            }.ToString());
            connection.OpenFile(path);
            using var command = connection.CreateCommand();
            if (!database)
            {
                command.CommandText = File.ReadAllText(path);
                command.ExecuteNonQuery();
            }

            command.CommandText = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid";
            using var reader = command.ExecuteReader();
            var entries = new List<SchemaEntry>();
            while (reader.Read())
            {
                entries.Add(new SchemaEntry(reader.GetString(0), reader.GetString(1), reader.GetString(2), 0, reader.IsDBNull(3) ? null : reader.GetString(3)));
            }

            return entries;
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, $"The schema cannot be read: {failure.Message}", path, NextStep, failure);
        }
    }

    private static bool IsDatabase(string path)
    {
        Span<byte> head = stackalloc byte[15];
        using var stream = DatabaseHandles.Open(path);
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual("SQLite format 3"u8);
    }
}
