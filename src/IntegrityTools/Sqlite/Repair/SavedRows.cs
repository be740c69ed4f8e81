using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>
/// Finds rows in a <see cref="RowBackup"/>: reads the file once for where each stands, and a row when it is asked for. Where each stands is kept in a temporary database, so
/// that memory does not grow with the rows; it has no name, and goes with its connection.
/// </summary>
internal sealed class SavedRows : IDisposable
{
    private readonly FileStream file;
    private readonly SqliteConnection rows;
    private readonly List<SchemaObject> objects = [];

    /// <summary>Opens a backup.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/>: it is not there.</exception>
    public SavedRows(string path)
    {
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IntegrityException(
                ErrorIds.StoreNotFound, "The saved rows are gone: without them nothing can be given back.", path, "Put the file back from a copy of the backup folder.", exception);
        }

        SqliteRuntime.Initialize();
        rows = new SqliteConnection("Data Source=;Pooling=False");
        try
        {
            Index(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The saved definitions of a summary and of what hangs on it, in the order of their saving.</summary>
    public IReadOnlyList<SchemaObject> Objects => objects;

    /// <summary>A saved row; null when the file does not hold it.</summary>
    public RowImage? Find(string table, RawJson key, string sha256)
    {
        using var command = rows.Prepare(
            "SELECT offset, length FROM saved WHERE name = $table AND key = $key AND sha256 = $sha256", ("$table", table), ("$key", RowKey.Compact(key).Text), ("$sha256", sha256));
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader.GetInt64(0), reader.GetInt32(1)) : null;
    }

    /// <summary>All saved rows of a table, in the order of their saving.</summary>
    public IEnumerable<(RawJson Key, RowImage Image)> All(string table)
    {
        using var command = rows.Prepare("SELECT key, offset, length FROM saved WHERE name = $table COLLATE NOCASE ORDER BY offset", ("$table", table));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (RawJson.FromText(reader.GetString(0)), Read(reader.GetInt64(1), reader.GetInt32(2)));
        }
    }

    /// <summary>True when the table has exactly the saved rows, or is gone and none was saved.</summary>
    public bool HasAllOf(SqliteConnection connection, SchemaObject? table)
    {
        if (table is null)
        {
            return Count(null) == 0;
        }

        using var known = rows.Prepare("SELECT 1 FROM saved WHERE name = $table AND key = $key AND sha256 = $sha256", ("$table", table.Name), ("$key", null), ("$sha256", null));
        var count = 0L;
        foreach (var (key, image) in new RowAccess(connection).ReadAll(table.Name))
        {
            count++;
            (known.Parameters["$key"].Value, known.Parameters["$sha256"].Value) = (key.Text, image.Sha256);
            if (known.ExecuteScalar() is null)
            {
                return false;
            }
        }

        return count == Count(table.Name);
    }

    private long Count(string? table)
    {
        using var command = rows.Prepare("SELECT count(*) FROM saved WHERE $table IS NULL OR name = $table", ("$table", table));
        return (long)command.ExecuteScalar()!;
    }

    private void Index(string path)
    {
        rows.Open();
        rows.Run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000;"
            + " CREATE TABLE saved(name TEXT, key TEXT, sha256 TEXT, offset INTEGER, length INTEGER, PRIMARY KEY(name, key, sha256)) WITHOUT ROWID; BEGIN");
        using var insert = rows.Prepare(
            "INSERT OR IGNORE INTO saved VALUES($table, $key, $sha256, $offset, $length)", ("$table", null), ("$key", null), ("$sha256", null), ("$offset", null), ("$length", null));
        var offset = 0L;
        foreach (var line in File.ReadLines(path))
        {
            var length = System.Text.Encoding.UTF8.GetByteCount(line);
            using var document = JsonDocument.Parse(line, JsonLimits.Document);
            var root = document.RootElement;
            if (root.TryGetProperty("object", out var item))
            {
                objects.Add(new SchemaObject(
                    item.GetProperty("type").GetString()!, item.GetProperty("name").GetString()!, item.GetProperty("table").GetString()!, 0, item.GetProperty("sql").GetString()));
                offset += length + 1;
                continue;
            }

            insert.Parameters["$table"].Value = root.GetProperty("table").GetString();
            insert.Parameters["$key"].Value = root.GetProperty("key").GetRawText();
            insert.Parameters["$sha256"].Value = root.GetProperty("sha256").GetString();
            (insert.Parameters["$offset"].Value, insert.Parameters["$length"].Value) = (offset, length);
            insert.ExecuteNonQuery();
            offset += length + 1;
        }

        rows.Run("COMMIT");
    }

    private RowImage Read(long offset, int length)
    {
        var line = new byte[length];
        file.Position = offset;
        file.ReadExactly(line);
        using var document = JsonDocument.Parse(line, JsonLimits.Document);
        var root = document.RootElement;
        return new RowImage(
            [.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)],
            [.. root.GetProperty("values").EnumerateArray().Select(RowValue.Parse)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rows.Dispose();
        file.Dispose();
    }
}
