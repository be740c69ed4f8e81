using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Makes indexes anew.</summary>
internal static class IndexRepair
{
    /// <summary>Makes an index anew from its table, or a full-text index from its texts, and checks it.</summary>
    /// <returns>What is still wrong; null: nothing.</returns>
    public static string? Reindex(SqliteConnection connection, string index)
    {
        if (DatabaseSchema.Read(connection).FullText(index) is { } texts)
        {
            return Rebuild(connection, SqlName.Quote(texts.Name));
        }

        try
        {
            connection.Run($"REINDEX main.{SqlName.Quote(index)}");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            return $"The index cannot be made anew, and was left as it was: {exception.Message.TrimEnd('.')}. {NextStep(exception)}";
        }

        using var command = connection.Prepare("SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = $name", ("$name", index));
        using var check = connection.Prepare($"PRAGMA integrity_check({SqlName.Quote((string)command.ExecuteScalar()!)})");
        using var reader = check.ExecuteReader();
        while (reader.Read())
        {
            if (CheckMessage.ParseAll(reader.GetString(0)).FirstOrDefault(message => message.Index == index) is { } wrong)
            {
                return $"The index is still wrong after it was made anew: {wrong.Text}. Salvage the file into a new one.";
            }
        }

        return null;
    }

    private static string NextStep(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_CONSTRAINT => "Rows of its table have in common what only one may have. Drop the index, change or delete all of them but one, and create it again; where it keeps a PRIMARY KEY or UNIQUE of the table, salvage the file into a new one.",
        raw.SQLITE_ERROR => "Make it anew with the application's own program (REINDEX), which has what it needs.",
        _ => "Salvage the file into a new one, which makes every index anew.",
    };

    private static string? Rebuild(SqliteConnection connection, string table)
    {
        try
        {
            connection.InTransaction(() =>
            {
                connection.Run($"INSERT INTO {table}({table}) VALUES('rebuild')");
                connection.Run($"INSERT INTO {table}({table}) VALUES('integrity-check')");
            });
            return null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            return $"The full-text index cannot be made anew here, and was left as it was: {exception.Message.TrimEnd('.')}. Drop it and fill a new one, or salvage the file into a new one.";
        }
    }
}
