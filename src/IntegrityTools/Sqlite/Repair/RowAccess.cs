using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Reads, deletes, changes and puts back single rows.</summary>
internal sealed class RowAccess(SqliteConnection connection)
{
    private readonly Dictionary<string, TableShape?> shapes = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The table's shape; null when there is no such table.</summary>
    public TableShape? Shape(string table)
    {
        if (!shapes.TryGetValue(table, out var shape))
        {
            shapes.Add(table, shape = TableShape.Read(connection, table));
        }

        return shape;
    }

    /// <summary>A row as it is now; null when it, its table, or a column that names it is gone.</summary>
    public RowImage? Read(string table, RawJson key)
    {
        if (Shape(table) is not { } shape || Match(shape, key, 1) is not { } match)
        {
            return null;
        }

        using var statement = new RawStatement(
            connection, $"SELECT {SqlName.List(shape.Columns)} FROM {SqlName.Quote(table)} WHERE {match}", RowKey.Parse(key));
        return statement.Step() ? new RowImage(shape.Columns, [.. shape.Columns.Select((_, index) => statement.Read(index))]) : null;
    }

    /// <summary>All rows of a table in the order of their keys, each with its rowid or primary key.</summary>
    public IEnumerable<(RawJson Key, RowImage Image)> ReadAll(string table)
    {
        if (Shape(table) is not { } shape)
        {
            yield break;
        }

        using var statement = new RawStatement(
            connection, $"SELECT {shape.KeySql()}, {SqlName.List(shape.Columns)} FROM {SqlName.Quote(table)} NOT INDEXED ORDER BY {shape.KeySql()}", []);
        while (statement.Step())
        {
            yield return (
                RowKey.ToJson(shape.Key.Select((_, index) => statement.Read(index))),
                new RowImage(shape.Columns, [.. shape.Columns.Select((_, index) => statement.Read(shape.Key.Count + index))]));
        }
    }

    /// <summary>Deletes a row, or sets columns of it to NULL.</summary>
    public void Change(ChangeRowAction action) => Run(Sql(action), RowKey.Parse(action.Key));

    /// <summary>Why SQLite cannot do it here, such as a collation that only the application has; null: it can.</summary>
    public string? Refusal(ChangeRowAction action) => ApplicationParts.Refusal(connection, Sql(action));

    /// <summary>Makes a row what it was, whether it is there or not.</summary>
    public void Restore(string table, RawJson key, RowImage image)
    {
        // The rowid is no column of the image; what else names a row is.
        var rowId = Shape(table)?.RowId is { } name && RowKey.Names(key) is null ? name : null;
        Write(table, key, image.Columns, image.Values, rowId);
    }

    /// <summary>Sets columns of a row, which is made when it is not there.</summary>
    public void Set(SetRowAction action) => Write(action.Table, action.Key, RowKey.Names(action.Values)!, RowKey.Parse(action.Values), null);

    // Whatever the schema says of conflicts: by its own clause (UNIQUE ON CONFLICT REPLACE) another row would go without a word.
    private void Write(string table, RawJson key, IReadOnlyList<string> columns, IReadOnlyList<RowValue> values, string? rowId)
    {
        if (Read(table, key) is not null)
        {
            var set = string.Join(", ", columns.Select((column, index) => $"{SqlName.Quote(column)} = ?{index + 1}"));
            Run($"UPDATE OR ABORT {SqlName.Quote(table)} SET {set} WHERE {Match(Shape(table)!, key, columns.Count + 1)}", values.Concat(RowKey.Parse(key)));
            return;
        }

        var all = rowId is null ? values : RowKey.Parse(key).Concat(values);
        Run(
            $"INSERT OR ABORT INTO {SqlName.Quote(table)} ({(rowId is null ? string.Empty : rowId + ", ")}{SqlName.List(columns)}) VALUES ({string.Join(", ", all.Select((_, index) => $"?{index + 1}"))})",
            all);
    }

    /// <summary>The condition that names the row; null when the table lacks a column of it, or is a view by now. A name that is no column would be taken for a text.</summary>
    private static string? Match(TableShape shape, RawJson key, int first)
    {
        var names = RowKey.Names(key);
        return names is null ? (shape.RowId is not null ? $"{shape.RowId} = ?{first}" : shape.PrimaryKey.Count > 0 ? Equal(shape.PrimaryKey, first) : null)
            : names.All(name => shape.Columns.Contains(name, StringComparer.OrdinalIgnoreCase)) ? Equal(names, first) : null;
    }

    private static string Equal(IReadOnlyList<string> columns, int first) =>
        string.Join(" AND ", columns.Select((column, index) => $"{SqlName.Quote(column)} = ?{first + index}"));

    private string Sql(ChangeRowAction action)
    {
        var what = action.NullColumns.Count == 0
            ? $"DELETE FROM {SqlName.Quote(action.Table)}"
            : $"UPDATE OR ABORT {SqlName.Quote(action.Table)} SET {string.Join(", ", action.NullColumns.Select(column => SqlName.Quote(column) + " = NULL"))}";
        return $"{what} WHERE {Match(Shape(action.Table)!, action.Key, 1)}";
    }

    private void Run(string sql, IEnumerable<RowValue> parameters)
    {
        using var statement = new RawStatement(connection, sql, parameters);
        while (statement.Step())
        { }
    }
}
