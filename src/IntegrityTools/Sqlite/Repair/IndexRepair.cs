using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Makes indexes anew.</summary>
internal static class IndexRepair
{
    /// <summary>Makes an index anew from its table, and checks it.</summary>
    /// <returns>What is still wrong; null: nothing.</returns>
    public static string? Reindex(SqliteConnection connection, string index)
    {
        connection.Run($"REINDEX main.{SqlName.Quote(index)}");
        using var command = connection.Prepare("SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND name = $name", ("$name", index));
        using var check = connection.Prepare($"PRAGMA integrity_check({SqlName.Quote((string)command.ExecuteScalar()!)})");
        check.CommandTimeout = 0;
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
}
