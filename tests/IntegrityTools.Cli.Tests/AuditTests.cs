using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

public sealed class AuditTests : IDisposable
{
    private readonly CliFolder cli = new(100);

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task An_unbroken_chain_exits_with_0_and_names_its_last_hash()
    {
        (await cli.RunAsync("scan")).Expect(0);

        var verification = (await cli.RunAsync("audit", "verify", "--output", "json")).Expect(0).Json;
        var last = (await cli.RunAsync("audit", "show", "--output", "jsonl", "--limit", "100000")).Expect(0).JsonLines[^1];

        Assert.True(verification.GetProperty("ok").GetBoolean());
        Assert.Equal(last.GetProperty("hash").GetString(), verification.GetProperty("last_hash").GetString());
    }

    [Fact]
    public async Task A_changed_event_exits_with_1_and_is_named_by_its_number()
    {
        (await cli.RunAsync("scan")).Expect(0);
        await using (var connection = new SqliteConnection($"Data Source={cli.At("ledger.db")};Pooling=False"))
        {
            Sqlite.SqliteRuntime.Initialize();
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TRIGGER event_is_never_changed; UPDATE event SET actor = 'nobody' WHERE number = 3;";
            await command.ExecuteNonQueryAsync();
        }

        var result = (await cli.RunAsync("audit", "verify")).Expect(1);

        Assert.Contains("event 3: changed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_stops_at_the_limit_and_goes_on_after_a_number()
    {
        (await cli.RunAsync("scan")).Expect(0);

        var shown = (await cli.RunAsync("audit", "show", "--after", "2", "--limit", "3", "--output", "jsonl")).Expect(0).JsonLines;

        Assert.Equal([3L, 4L, 5L], shown.Select(entry => entry.GetProperty("number").GetInt64()));
    }
}
