using IntegrityTools.Sqlite.Format;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>The statement that inserts rows of one table whose records have the same number of values; columns that they lack get their defaults.</summary>
internal sealed class RowInsert : IDisposable
{
    private readonly sqlite3_stmt statement;
    private readonly TextEncoding encoding;
    private readonly int[] fields;
    private readonly bool ownRowId;

    private RowInsert(sqlite3_stmt statement, int[] fields, bool ownRowId, TextEncoding encoding) =>
        (this.statement, this.fields, this.ownRowId, this.encoding) = (statement, fields, ownRowId, encoding);

    /// <summary>Prepares it.</summary>
    public static RowInsert Into(sqlite3 database, TableShape table, int count, TextEncoding encoding)
    {
        var fields = Enumerable.Range(0, count).Where(field => !table.Fields[field].IsGenerated).ToArray();
        var names = fields.Select(field => ShapeReader.Quote(table.Fields[field].Name)).ToList();
        if (table.RowIdName is not null)
        {
            names.Add(table.RowIdName);
        }

        var sql = $"INSERT INTO {ShapeReader.Quote(table.Name)}({string.Join(',', names)}) VALUES({string.Join(',', names.Select(_ => "?"))})";
        if (raw.sqlite3_prepare_v2(database, sql, out var statement) != raw.SQLITE_OK)
        {
            throw new Microsoft.Data.Sqlite.SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), raw.sqlite3_errcode(database));
        }

        return new RowInsert(statement, fields, table.RowIdName is not null, encoding);
    }

    /// <summary>Inserts a row; returns SQLite's result code.</summary>
    public int Run(long rowId, RecordLayout layout, ReadOnlySpan<byte> record, TableShape table)
    {
        for (var index = 0; index < fields.Length; index++)
        {
            if (table.Fields[fields[index]].IsRowId)
            {
                raw.sqlite3_bind_int64(statement, index + 1, rowId);
            }
            else
            {
                ValueBinder.Bind(statement, index + 1, layout, fields[index], record, encoding);
            }
        }

        if (ownRowId)
        {
            raw.sqlite3_bind_int64(statement, fields.Length + 1, rowId);
        }

        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();
}
