using IntegrityTools.Model;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>The rows of a backup, read without a trace.</summary>
internal sealed class ParentRows(string path, CancellationToken cancellationToken) : IDisposable
{
    private readonly QuietReader reader = QuietReader.ForRows(path, cancellationToken);
    private RowAccess? rows;

    private RowAccess Rows => rows ??= new RowAccess(reader.Connection);

    /// <summary>A row; null when the backup does not have it.</summary>
    public RowImage? Read(string table, RawJson key) => Rows.Read(table, key);

    /// <summary>The row to which a foreign key leads; null when the backup does not have it, or its table has other columns there.</summary>
    /// <param name="now">The table as it is in the database.</param>
    /// <param name="columns">The columns to which the key leads.</param>
    /// <param name="values">The key's values.</param>
    public (RawJson Key, RowImage Image)? Find(TableShape now, IReadOnlyList<string> columns, IReadOnlyList<RowValue> values)
    {
        if (Rows.Shape(now.Name) is not { } shape || !shape.Columns.SequenceEqual(now.Columns, StringComparer.Ordinal) || !shape.Key.SequenceEqual(now.Key, StringComparer.Ordinal)
            || !columns.All(column => shape.Columns.Contains(column, StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        using var statement = new RawStatement(
            reader.Connection,
            $"SELECT {shape.KeySql()} FROM {SqlName.Quote(shape.Name)} WHERE {string.Join(" AND ", columns.Select((column, index) => $"{SqlName.Quote(column)} = ?{index + 1}"))}",
            values);
        if (!statement.Step())
        {
            return null;
        }

        var key = RowKey.ToJson(shape.Key.Select((_, index) => statement.Read(index)).ToList());
        return Rows.Read(shape.Name, key) is { } image ? (key, image) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
