using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Finds rows in a <see cref="RowBackup"/>: reads the file once for where each stands, and a row when it is asked for.</summary>
internal sealed class SavedRows : IDisposable
{
    private readonly FileStream file;
    private readonly Dictionary<(string Table, string Key, string Sha256), (long Offset, int Length)> rows = [];
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

            rows.TryAdd((root.GetProperty("table").GetString()!, root.GetProperty("key").GetRawText(), root.GetProperty("sha256").GetString()!), (offset, length));
            offset += length + 1;
        }
    }

    /// <summary>The saved definitions of a summary and of what hangs on it, in the order of their saving.</summary>
    public IReadOnlyList<SchemaObject> Objects => objects;

    /// <summary>A saved row; null when the file does not hold it.</summary>
    public RowImage? Find(string table, RawJson key, string sha256)
    {
        if (!rows.TryGetValue((table, key.Text, sha256), out var place))
        {
            return null;
        }

        return Read(place);
    }

    /// <summary>All saved rows of a table, in the order of their saving.</summary>
    public IEnumerable<(RawJson Key, RowImage Image)> All(string table) => rows
        .Where(row => row.Key.Table.Equals(table, StringComparison.OrdinalIgnoreCase))
        .OrderBy(row => row.Value.Offset)
        .Select(row => (RawJson.FromText(row.Key.Key), Read(row.Value)));

    /// <summary>True when the table has exactly the saved rows, or is gone and none was saved.</summary>
    public bool HasAllOf(SqliteConnection connection, SchemaObject? table)
    {
        if (table is null)
        {
            return rows.Count == 0;
        }

        var access = new RowAccess(connection);
        var count = 0;
        foreach (var (key, image) in access.ReadAll(table.Name))
        {
            count++;
            if (!rows.ContainsKey((table.Name, key.Text, image.Sha256)))
            {
                return false;
            }
        }

        return count == rows.Keys.Count(row => row.Table == table.Name);
    }

    private RowImage Read((long Offset, int Length) place)
    {
        var line = new byte[place.Length];
        file.Position = place.Offset;
        file.ReadExactly(line);
        using var document = JsonDocument.Parse(line, JsonLimits.Document);
        var root = document.RootElement;
        return new RowImage(
            [.. root.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)],
            [.. root.GetProperty("values").EnumerateArray().Select(RowValue.Parse)]);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
