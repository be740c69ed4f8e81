using IntegrityTools.Sqlite.Format;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A table of rows that are kept apart: where each was found, why it is here, and its values in columns c0, c1, … without types.</summary>
internal sealed class SideRows : IDisposable
{
    private const int Fixed = 6;
    private const int MostColumns = 1900;
    private const string StillLive = "; a row of this key is live: an older state of it, or what is left of a copy";

    private readonly sqlite3 database;
    private readonly string name;
    private readonly TextEncoding encoding;
    private sqlite3_stmt? statement;
    private int columns = 8;

    public SideRows(sqlite3 database, string name, TextEncoding encoding)
    {
        (this.database, this.name, this.encoding) = (database, name, encoding);
        var values = string.Join(',', Enumerable.Range(0, columns).Select(number => $"c{number}"));
        Check(raw.sqlite3_exec(database, $"CREATE TABLE {name}(page INTEGER, cell INTEGER, table_name TEXT, row_id INTEGER, reason TEXT, fields INTEGER, {values})"));
    }

    /// <summary>Rows in it.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row.</summary>
    public void Insert(in RowPlace place, RecordLayout? layout, ReadOnlySpan<byte> record)
    {
        var count = Math.Min(layout?.Count ?? 1, MostColumns);
        Prepare(count);
        raw.sqlite3_clear_bindings(statement);
        raw.sqlite3_bind_int64(statement, 1, place.Page);
        if (place.Cell >= 0)
        {
            raw.sqlite3_bind_int(statement, 2, place.Cell);
        }

        if (place.Table is not null)
        {
            raw.sqlite3_bind_text(statement, 3, place.Table);
        }

        if (place.RowId is { } rowId)
        {
            raw.sqlite3_bind_int64(statement, 4, rowId);
        }

        raw.sqlite3_bind_text(statement, 5, place.Reason);
        if (layout is null)
        {
            ValueBinder.Blob(statement!, Fixed + 1, record);
        }
        else
        {
            raw.sqlite3_bind_int(statement, 6, layout.Count);
            for (var field = 0; field < count; field++)
            {
                ValueBinder.Bind(statement!, Fixed + 1 + field, layout, field, record, encoding);
            }
        }

        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        Check(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result);
        Count++;
    }

    /// <summary>Removes the rows of a table that are nothing but copies of rows which are live, and says of those whose key alone is live that they were not deleted.</summary>
    public void RemoveCopies(TableShape table)
    {
        var same = table.Fields.Select((field, index) => (Name: ShapeReader.Quote(field.Name), Index: index, field.IsRowId))
            .Where(field => !field.IsRowId && field.Index < columns).Select(field => $"live.{field.Name} IS side.c{field.Index}")
            .Prepend(table.WithoutRowId ? "1" : "live.rowid = side.row_id");
        var name = table.Name.Replace("'", "''", StringComparison.Ordinal);
        var where = $"WHERE table_name = '{name}' AND EXISTS (SELECT 1 FROM {ShapeReader.Quote(table.Name)} AS live WHERE ";
        Check(raw.sqlite3_exec(database, $"DELETE FROM {this.name} AS side {where}{string.Join(" AND ", same)})"));
        Count -= raw.sqlite3_changes(database);

        // A record of a table without rowid begins with its key.
        var key = !table.WithoutRowId ? ["live.rowid = side.row_id"]
            : table.Fields.Take(Math.Min(columns, Keys(name))).Select((field, index) => $"live.{ShapeReader.Quote(field.Name)} IS side.c{index}").ToList();
        if (key.Count > 0)
        {
            Check(raw.sqlite3_exec(database, $"UPDATE {this.name} AS side SET reason = reason || '{StillLive}' {where}{string.Join(" AND ", key)})"));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => statement?.Dispose();

    private int Keys(string table)
    {
        Check(raw.sqlite3_prepare_v2(database, $"SELECT count(*) FROM pragma_table_info('{table}') WHERE pk > 0", out var count));
        using (count)
        {
            return raw.sqlite3_step(count) == raw.SQLITE_ROW ? raw.sqlite3_column_int(count, 0) : 0;
        }
    }

    private void Prepare(int count)
    {
        if (statement is not null && count <= columns)
        {
            return;
        }

        statement?.Dispose();
        for (; columns < count; columns++)
        {
            Check(raw.sqlite3_exec(database, $"ALTER TABLE {name} ADD COLUMN c{columns}"));
        }

        var marks = string.Join(',', Enumerable.Repeat("?", Fixed + columns));
        Check(raw.sqlite3_prepare_v2(database, $"INSERT INTO {name} VALUES({marks})", out statement));
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw new Microsoft.Data.Sqlite.SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), result);
        }
    }
}
