using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Ledger;

/// <summary>A folder with a ledger in it, gone with the test.</summary>
internal sealed class LedgerFolder : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ledger-").FullName;

    public string Path => System.IO.Path.Combine(folder, "state", "ledger.db");

    public string Folder => folder;

    public Task<SqliteLedger> OpenAsync(byte[]? key = null, string? audit = null, TimeProvider? clock = null, TimeSpan? timeout = null) =>
        SqliteLedger.OpenAsync(new LedgerOptions
        {
            Path = Path,
            Key = key,
            AuditLogPath = audit,
            Clock = clock ?? TimeProvider.System,
            LockTimeout = timeout ?? TimeSpan.FromSeconds(30),
        });

    public async Task FillAsync(int count, byte[]? key = null)
    {
        await using var ledger = await OpenAsync(key);
        await ledger.AppendAsync([.. Enumerable.Range(1, count).Select(Event)], default);
    }

    public static LedgerEvent Event(int number) => new()
    {
        Kind = "test",
        Subject = $"s{number}",
        Data = RawJson.FromText($$"""{"n":{{number}}}"""),
        Sensitive = RawJson.FromText($"\"secret{number}\""),
    };

    /// <summary>Does to the file what somebody with a SQLite shell could.</summary>
    public void Tamper(string sql)
    {
        SqliteRuntime.Initialize();
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TRIGGER IF EXISTS event_is_never_changed; DROP TRIGGER IF EXISTS event_is_never_removed;" + sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
