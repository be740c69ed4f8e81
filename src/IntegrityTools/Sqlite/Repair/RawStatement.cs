using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>A statement whose values go in and come out byte for byte.</summary>
internal sealed class RawStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    /// <summary>Prepares SQL.</summary>
    /// <exception cref="SqliteException">It cannot be prepared.</exception>
    public RawStatement(SqliteConnection connection, string sql, IEnumerable<RowValue> parameters)
    {
        database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out statement), database);
        var number = 1;
        foreach (var value in parameters)
        {
            value.Bind(statement, number++);
        }
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(code, database);
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>A column of the row.</summary>
    public RowValue Read(int column) => RowValue.Read(statement, column);

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();
}
