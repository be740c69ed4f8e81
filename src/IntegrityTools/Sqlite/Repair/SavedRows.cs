using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Finds rows in a <see cref="RowBackup"/>: reads the file once for where each stands, and a row when it is asked for.</summary>
internal sealed class SavedRows : IDisposable
{
    private readonly FileStream file;
    private readonly Dictionary<(string Table, string Key, string Sha256), (long Offset, int Length)> rows = [];

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
            rows.TryAdd((root.GetProperty("table").GetString()!, root.GetProperty("key").GetRawText(), root.GetProperty("sha256").GetString()!), (offset, length));
            offset += length + 1;
        }
    }

    /// <summary>A saved row; null when the file does not hold it.</summary>
    public RowImage? Find(string table, RawJson key, string sha256)
    {
        if (!rows.TryGetValue((table, key.Text, sha256), out var place))
        {
            return null;
        }

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
