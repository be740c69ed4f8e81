using System.Text;
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

    [Theory]
    [InlineData("UPDATE event SET actor = 'nobody' WHERE number = 3", "event 3: changed")]
    [InlineData("DELETE FROM event WHERE number = 3", "event 3: removed")]
    [InlineData("INSERT INTO event SELECT (SELECT max(number) + 1 FROM event), at, actor, kind, store, scan_id, plan_id, execution_id, subject, previous, hash, key_id, data, sensitive FROM event WHERE number = 3", ": inserted")]
    public async Task An_event_that_was_tampered_with_exits_with_1_and_is_named_by_its_number(string sql, string told)
    {
        (await cli.RunAsync("scan")).Expect(0);
        await using (var connection = new SqliteConnection($"Data Source={cli.At("ledger.db")};Pooling=False"))
        {
            Sqlite.SqliteRuntime.Initialize();
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'";
            command.CommandText = $"{await command.ExecuteScalarAsync()};{sql};";
            await command.ExecuteNonQueryAsync();
        }

        var result = (await cli.RunAsync("audit", "verify")).Expect(1);

        Assert.Contains(told, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_key_everything_goes_as_without_and_what_is_sensitive_is_encrypted()
    {
        await File.WriteAllTextAsync(cli.At("key"), "a secret of more than 16 bytes");
        var configuration = await File.ReadAllTextAsync(cli.At("integrity.yaml"));
        await File.WriteAllTextAsync(cli.At("integrity.yaml"), configuration.Replace("ledger:\n", "ledger:\n  key_file: key\n", StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(cli.At("key"), UnixFileMode.UserRead);
        }

        Task<CliResult> Run(params string[] arguments) => cli.RunAsync(arguments);
        var plan = (await Run("plan", "--output", "json")).Expect(0).Json.GetProperty("id").GetString()!;
        Assert.Contains("priority", (await Run("plans", "show", plan, "--output", "json")).Expect(0).Output, StringComparison.Ordinal);
        (await Run("repair", "--plan", plan)).Expect(0);
        var done = (await Run("repair", "--plan", plan, "--to", "repaired.jsonl", "--confirm", "--output", "json")).Expect(0).Json;
        var execution = done.GetProperty("execution_id").GetString()!;
        (await Run("reports", "show", execution)).Expect(0);
        (await Run("issues", "list")).Expect(0);
        (await Run("reports", "summary")).Expect(0);
        (await Run("undo", execution, "--to", "back.jsonl", "--confirm")).Expect(0);
        var shown = (await Run("audit", "show", "--output", "jsonl", "--limit", "100000")).Expect(0);
        (await Run("audit", "verify")).Expect(0);

        Assert.Equal(cli.Sha256("demo.jsonl"), cli.Sha256("back.jsonl"));
        Assert.Contains("task-0001", shown.Output, StringComparison.Ordinal);
        var stored = string.Concat(new[] { "ledger.db", "ledger.db-wal" }.Where(name => File.Exists(cli.At(name))).Select(name => File.ReadAllText(cli.At(name), Encoding.Latin1)));
        Assert.Contains("task-0001", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("priority", stored, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_ledger_that_cannot_be_written_stops_a_scan_and_can_still_be_checked()
    {
        Directory.CreateDirectory(cli.At("locked"));
        Skip.IfNot(OperatingSystem.IsLinux() && await MountAsync("-t", "tmpfs", "tmpfs"), "needs the right to mount a tmpfs");
        try
        {
            (await cli.RunAsync("scan", "--ledger", "locked/ledger.db")).Expect(0);
            Assert.True(await MountAsync("-o", "remount,ro"));

            var refused = (await cli.RunAsync("scan", "--ledger", "locked/ledger.db")).Expect(1);

            Assert.Contains("[LedgerUnavailable]", refused.Error, StringComparison.Ordinal);
            Assert.Contains("--ledger", refused.Error, StringComparison.Ordinal);
            (await cli.RunAsync("audit", "verify", "--ledger", "locked/ledger.db")).Expect(0);
        }
        finally
        {
            using var unmount = System.Diagnostics.Process.Start("umount", cli.At("locked"));
            await unmount.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Show_stops_at_the_limit_and_goes_on_after_a_number()
    {
        (await cli.RunAsync("scan")).Expect(0);

        var shown = (await cli.RunAsync("audit", "show", "--after", "2", "--limit", "3", "--output", "jsonl")).Expect(0).JsonLines;

        Assert.Equal([3L, 4L, 5L], shown.Select(entry => entry.GetProperty("number").GetInt64()));
    }

    private async Task<bool> MountAsync(params string[] options)
    {
        using var mount = System.Diagnostics.Process.Start("mount", [.. options, cli.At("locked")]);
        await mount.WaitForExitAsync();
        return mount.ExitCode == 0;
    }
}
