using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>Where the chain ends and where it starts.</summary>
internal sealed record LedgerHead(long Number, byte[] Hash, long BaseNumber, byte[] BaseHash, string? KeyId, byte[] Seal)
{
    /// <summary>Reads it; null when somebody removed it.</summary>
    public static LedgerHead? Read(SqliteConnection connection)
    {
        using var command = connection.Prepare(LedgerSql.Head);
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new LedgerHead(
                reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3),
                reader.Text(4), reader.GetFieldValue<byte[]>(5))
            : null;
    }
}
