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

    /// <summary>A row as it is now; null when it, or its table, is gone.</summary>
    public RowImage? Read(string table, RawJson key)
    {
        if (Shape(table) is not { } shape)
        {
            return null;
        }

        using var statement = new RawStatement(
            connection, $"SELECT {SqlName.List(shape.Columns)} FROM {SqlName.Quote(table)} WHERE {Match(shape, 1)}", RowKey.Parse(key));
        return statement.Step() ? new RowImage(shape.Columns, [.. shape.Columns.Select((_, index) => statement.Read(index))]) : null;
    }

    /// <summary>Deletes a row, or sets columns of it to NULL.</summary>
    public void Change(ChangeRowAction action)
    {
        var shape = Shape(action.Table)!;
        var what = action.NullColumns.Count == 0
            ? $"DELETE FROM {SqlName.Quote(action.Table)}"
            : $"UPDATE {SqlName.Quote(action.Table)} SET {string.Join(", ", action.NullColumns.Select(column => SqlName.Quote(column) + " = NULL"))}";
        Run($"{what} WHERE {Match(shape, 1)}", RowKey.Parse(action.Key));
    }

    /// <summary>Makes a row what it was, whether it is there or not.</summary>
    public void Restore(string table, RawJson key, RowImage image)
    {
        var shape = Shape(table)!;
        var names = RowKey.Parse(key);
        if (Read(table, key) is not null)
        {
            var columns = string.Join(", ", image.Columns.Select((column, index) => $"{SqlName.Quote(column)} = ?{index + 1}"));
            Run($"UPDATE {SqlName.Quote(table)} SET {columns} WHERE {Match(shape, image.Columns.Count + 1)}", image.Values.Concat(names));
            return;
        }

        var rowId = shape.RowId is null ? string.Empty : shape.RowId + ", ";
        var values = shape.RowId is null ? image.Values : names.Concat(image.Values);
        Run(
            $"INSERT INTO {SqlName.Quote(table)} ({rowId}{SqlName.List(image.Columns)}) VALUES ({string.Join(", ", values.Select((_, index) => $"?{index + 1}"))})",
            values);
    }

    private static string Match(TableShape shape, int first) => shape.RowId is not null
        ? $"{shape.RowId} = ?{first}"
        : string.Join(" AND ", shape.PrimaryKey.Select((column, index) => $"{SqlName.Quote(column)} = ?{first + index}"));

    private void Run(string sql, IEnumerable<RowValue> parameters)
    {
        using var statement = new RawStatement(connection, sql, parameters);
        while (statement.Step())
        { }
    }
}
