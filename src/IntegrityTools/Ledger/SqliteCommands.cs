using System.Data;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>Short words for what is done with every command.</summary>
internal static class SqliteCommands
{
    private const int NoCheckpointOnClose = 1006;
    private const int QuotedTextInQueries = 1013;
    private const int QuotedTextInDefinitions = 1014;

    /// <summary>Opens a connection to a file, whose locks no handle of ours drops until it is closed. Every connection to a file that others may have open is opened so.</summary>
    public static void OpenFile(this SqliteConnection connection, string path)
    {
        var counted = DatabaseHandles.Connect(path);
        try
        {
            connection.Open();
            connection.TakeQuotedText();
            counted.Opened();
        }
        catch
        {
            counted.Dispose();
            throw;
        }

        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                counted.Dispose();
            }
        };
    }

    /// <summary>
    /// Lets a text stand in double quotes, as SQLite does by default and the bundled library does not: the views, triggers, rules and indexes of many an application hold one.
    /// </summary>
    public static void TakeQuotedText(this SqliteConnection connection)
    {
        _ = raw.sqlite3_db_config(connection.Handle, QuotedTextInQueries, 1, out _);
        _ = raw.sqlite3_db_config(connection.Handle, QuotedTextInDefinitions, 1, out _);
    }

    /// <summary>Keeps SQLite from a checkpoint of its own when this is the last connection to be closed.</summary>
    public static void LeaveLogOnClose(this SqliteConnection connection, bool leave = true) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, leave ? 1 : 0, out _), connection.Handle);

    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    public static void Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Prepare(sql, parameters);
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Does all or nothing. Not by a SqliteTransaction: SQLite rolls back by itself when the disk fails, and the second rollback's
    /// complaint would hide the first failure.
    /// </summary>
    public static void InTransaction(this SqliteConnection connection, Action work)
    {
        connection.Run("BEGIN IMMEDIATE");
        try
        {
            work();
            connection.Run("COMMIT");
        }
        finally
        {
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                connection.Run("ROLLBACK");
            }
        }
    }

    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static byte[]? Bytes(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    /// <summary>The event of a row with <see cref="LedgerSchema.EventColumns"/>.</summary>
    public static StoredEvent Event(this SqliteDataReader reader) => new()
    {
        Number = reader.GetInt64(0),
        At = reader.GetString(1),
        Actor = reader.GetString(2),
        Kind = reader.GetString(3),
        Store = reader.Text(4),
        ScanId = reader.Text(5),
        PlanId = reader.Text(6),
        ExecutionId = reader.Text(7),
        Subject = reader.Text(8),
        Data = reader.Bytes(9),
        KeyId = reader.Text(10),
        Sensitive = reader.Bytes(11),
        Previous = reader.GetFieldValue<byte[]>(12),
        Hash = reader.GetFieldValue<byte[]>(13),
    };
}
