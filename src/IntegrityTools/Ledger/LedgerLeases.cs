using System.Globalization;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>Leases as the ledger holds them.</summary>
internal static class LedgerLeases
{
    /// <summary>The one that stands; null: none.</summary>
    public static Lease? Read(SqliteConnection connection, string store)
    {
        using var command = connection.Prepare(LedgerSql.Lease, ("$id", store));
        using var row = command.ExecuteReader();
        return row.Read()
            ? new Lease(
                store,
                Holder(row.GetString(0)),
                row.GetString(1),
                DateTimeOffset.Parse(row.GetString(2), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind))
            : null;
    }

    /// <summary>The event of one that is taken or given back.</summary>
    public static LedgerEvent Event(string kind, Lease lease) => new()
    {
        Kind = kind,
        Store = lease.Store,
        ExecutionId = lease.Holder.Execution,
        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(lease, LedgerJson.Default.Lease)),
    };

    // The first ledgers held the execution's id alone.
    private static RunIdentity Holder(string text) =>
        text is ['{', ..] ? JsonSerializer.Deserialize(text, LedgerJson.Default.RunIdentity)! : new RunIdentity(text, string.Empty, null);
}
