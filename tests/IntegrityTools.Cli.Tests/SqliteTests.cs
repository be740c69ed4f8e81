using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>SQLite databases from the command line, as processes that can be killed.</summary>
public sealed class SqliteTests : IDisposable
{
    private const int Orphans = 24_000;
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task A_database_is_scanned_by_its_path_planned_and_repaired()
    {
        Create("app.db", 3);
        var scan = (await cli.RunAsync("scan", "app.db", "--fail-on", "high", "--type", "foreign_key_violation", "--output", "jsonl")).Expect(3);
        Assert.Equal(["child/1", "child/2", "child/3"], scan.JsonLines.Select(issue => issue.GetProperty("subject").GetString()));
        (await cli.RunAsync("resolve", "app.db")).Expect(0);
        Assert.Equal(3, Remaining("app.db"));
        (await cli.RunAsync("resolve", "app.db", "--confirm")).Expect(0);
        (await cli.RunAsync("scan", "app.db", "--fail-on", "low")).Expect(0);
    }

    [SkippableFact]
    public async Task What_maintenance_tells_ran_over_the_edge_of_the_window_in_the_midst_of_a_word()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "needs a terminal, which util-linux's script makes");
        Create("app.db", 3);
        string[] terminal = ["bash", "-c", "printf -v command '%q ' \"$@\"; exec script -qec \"stty cols 60; $command\" /dev/null", "bash"];
        var optimize = (await cli.RunThroughAsync(terminal, [], ["optimize", "app.db", "--no-color"])).Expect(0);

        var lines = optimize.Output.ReplaceLineEndings("\n").Split('\n');
        Assert.Contains(lines, line => line.StartsWith("optimize            would_run: ", StringComparison.Ordinal));
        Assert.All(lines.TakeWhile(line => !line.StartsWith("Next:", StringComparison.Ordinal)), line => Assert.True(line.Length <= 60, line));
    }

    [Fact]
    public async Task The_health_of_a_database_listed_conflicts_that_no_scan_could_ever_make_known()
    {
        Create("app.db", 3);
        var health = (await cli.RunAsync("health", "app.db")).Expect(0).Output;

        Assert.DoesNotContain("conflicts", health, StringComparison.Ordinal);
        Assert.Contains("free pages", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_in_which_something_or_everything_is_stale_exited_with_0_as_if_all_were_done()
    {
        Create("app.db", 3);
        (await cli.RunAsync("plan", "app.db", "--type", "foreign_key_violation", "--to", "plan.json")).Expect(0);
        Ask("app.db", "UPDATE child SET note = 'edited' WHERE id < 3");
        var partly = (await cli.RunAsync("repair", "--plan", "plan.json", "--confirm")).Expect(4);
        Assert.Contains("2 of it was changed since the plan was made", partly.Error, StringComparison.Ordinal);

        var stale = (await cli.RunAsync("repair", "--plan", "plan.json", "--confirm", "--output", "json")).Expect(4);
        Assert.Contains("Nothing was done", stale.Error, StringComparison.Ordinal);
        Assert.Equal(2, Remaining("app.db"));
    }

    [SkippableFact]
    public async Task A_repair_of_rows_that_is_killed_and_resumed_ends_as_if_never_killed_and_is_undone_whole()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Create("app.db", Orphans);
        var before = Rows("app.db");
        (await cli.RunAsync(Environment, ["plan", "app.db", "--type", "foreign_key_violation", "--to", "plan.json"])).Expect(0);
        var left = (long)Orphans;
        await KillAsync(() => Remaining("app.db") < left, "repair", "--plan", "plan.json", "--confirm");
        for (var kill = 0; kill < 3 && await StatusAsync() != "completed"; kill++)
        {
            left = Remaining("app.db");
            await KillAsync(() => Remaining("app.db") < left, "repair", "--resume", await ExecutionAsync(), "--confirm");
        }

        Assert.True(left < Orphans, "The first kill came before or after everything.");
        if (await StatusAsync() != "completed")
        {
            (await cli.RunAsync(Environment, ["repair", "--resume", await ExecutionAsync(), "--confirm"])).Expect(0);
        }

        Assert.Equal(0, Remaining("app.db"));
        (await cli.RunAsync(Environment, ["undo", await ExecutionAsync(), "--confirm"])).Expect(0);
        Assert.Equal(before, Rows("app.db"));
        (await cli.RunAsync(Environment, ["audit", "verify"])).Expect(0);
    }

    [Fact]
    public async Task A_restore_names_its_backup_and_what_it_left_alone_and_an_undo_that_takes_nothing_back_does_not_exit_with_0()
    {
        Create("app.db", 3);
        var backup = (await cli.RunAsync(Environment, ["backup", "app.db", "--to", "backups"])).Expect(0).Lines[0];
        var careful = (await cli.RunAsync(Environment, ["restore", backup, "--to", "app.db"])).Expect(4);
        Assert.StartsWith($"backup-", careful.Output, StringComparison.Ordinal);
        Assert.Contains($" of sqlite:{cli.At("app.db")}, ", careful.Lines[0], StringComparison.Ordinal);
        Assert.Contains("--overwrite", careful.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--confirm", careful.Error, StringComparison.Ordinal);

        Create("earlier.db", 4);
        var execution = (await cli.RunAsync(Environment, ["restore", backup, "--to", "earlier.db", "--overwrite", "--confirm", "--output", "json"]))
            .Expect(0).Json.GetProperty("execution_id").GetString()!;
        Create("other.db", 5);
        File.Move(cli.At("other.db"), cli.At("earlier.db"), overwrite: true);
        Assert.Contains("stale", (await cli.RunAsync(Environment, ["undo", execution, "--confirm"])).Expect(4).Output, StringComparison.Ordinal);
        Assert.Equal(5, Remaining("earlier.db"));

        // A restore over what is the same already changes nothing, and has nothing to be taken back.
        File.Copy(backup[..^".manifest.json".Length] + ".db", cli.At("same.db"));
        var same = (await cli.RunAsync(Environment, ["restore", backup, "--to", "same.db", "--overwrite", "--confirm", "--output", "json"]))
            .Expect(0).Json.GetProperty("execution_id").GetString()!;
        Assert.Contains("nothing to take back", (await cli.RunAsync(Environment, ["undo", same, "--confirm"])).Expect(4).Error, StringComparison.Ordinal);
        Assert.Equal(3, Remaining("same.db"));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_undo_of_a_restore_that_an_open_file_held_up_could_neither_be_run_again_nor_gone_on_with(bool resumed)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        Create("app.db", 3);
        (await cli.RunAsync(Environment, ["backup", "app.db", "--to", "backups"])).Expect(0);
        Ask("app.db", "DELETE FROM child WHERE id > 1");
        var execution = (await cli.RunAsync(Environment, ["restore", "backups", "--to", "app.db", "--overwrite", "--confirm", "--output", "json"]))
            .Expect(0).Json.GetProperty("execution_id").GetString()!;
        Assert.Equal(3, Remaining("app.db"));
        using var other = Process.Start("tail", ["-f", cli.At("app.db")]);
        try
        {
            while (!Directory.EnumerateFileSystemEntries($"/proc/{other.Id}/fd").Any(open => new FileInfo(open).LinkTarget == cli.At("app.db")))
            {
                await Task.Yield();
            }

            var held = (await cli.RunAsync(Environment, ["undo", execution, "--confirm"])).Expect(4);
            Assert.Contains("--while-open", held.Error, StringComparison.Ordinal);
            Assert.Equal(3, Remaining("app.db"));

            var undo = await cli.LastExecutionAsync(Environment);
            string[] again = resumed ? ["repair", "--resume", undo, "--while-open", "--confirm"] : ["undo", execution, "--while-open", "--confirm"];
            (await cli.RunAsync(Environment, again)).Expect(0);
        }
        finally
        {
            other.Kill();
        }

        Assert.Equal(1, Remaining("app.db"));
    }

    [Fact]
    public async Task The_loaded_library_is_told_and_another_can_take_its_place()
    {
        var told = (await cli.RunAsync("version")).Expect(0).Output;
        Assert.Contains("3.50.4 (bundled; has the WAL-reset bug, fixed in 3.51.3)", told, StringComparison.Ordinal);
        var missing = (await cli.RunAsync(new() { [SqliteRuntime.LibraryVariable] = cli.At("none.so") }, ["version"])).Expect(2);
        Assert.Contains("cannot be loaded", missing.Error, StringComparison.Ordinal);
        var other = (await cli.RunAsync(OlderSqlite.Environment, ["version"])).Expect(0);
        Assert.Contains($"3.35.5 ({OlderSqlite.Environment[SqliteRuntime.LibraryVariable]}; has the WAL-reset bug", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_of_a_database_is_shown_with_the_pages_that_it_read_and_not_with_documents()
    {
        Create("app.db", 3);
        Assert.DoesNotContain("LEAVES", (await cli.RunAsync(Environment, ["scan", "app.db"])).Expect(0).Output, StringComparison.Ordinal);
        var scan = (await cli.RunAsync(Environment, ["reports", "list", "--all-stores", "--output", "json"])).Expect(0).Json.GetProperty("scans")[0].GetProperty("scan_id").GetString()!;

        var shown = (await cli.RunAsync(Environment, ["reports", "show", scan])).Expect(0).Output;

        Assert.Contains("\npages ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("documents", shown, StringComparison.Ordinal);
    }

    private string Ledger => cli.At("ledger.db");

    private Dictionary<string, string> Environment => new() { ["INTEGRITY_LEDGER"] = Ledger };

    /// <summary>Runs and kills as soon as rows have changed, unless it is done by then.</summary>
    private async Task KillAsync(Func<bool> when, params string[] arguments)
    {
        try
        {
            await cli.KillWhenAsync(when, Environment, arguments);
        }
        catch (Xunit.Sdk.TrueException) when (Remaining("app.db") == 0)
        {
            // The signal came too late.
        }
    }

    private async Task<string> ExecutionAsync() => (await ReportAsync()).GetProperty("id").GetString()!;

    private async Task<string> StatusAsync() => (await ReportAsync()).GetProperty("status").GetString()!;

    private async Task<JsonElement> ReportAsync()
    {
        var reports = (await cli.RunAsync(Environment, ["reports", "list", "--all-stores", "--output", "json"])).Expect(0).Json;
        return Assert.Single(reports.GetProperty("executions").EnumerateArray().ToList());
    }

    private void Create(string name, int orphans)
    {
        using var connection = Open(name);
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id), note TEXT);
            CREATE INDEX child_parent ON child (parent_id);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {orphans}) INSERT INTO child SELECT i, i, hex(randomblob(40)) FROM n;
            """;
        command.ExecuteNonQuery();
    }

    private long Remaining(string name) => long.Parse(Ask(name, "SELECT count(*) FROM child WHERE parent_id IS NOT NULL"), CultureInfo.InvariantCulture);

    private string Rows(string name) => Ask(name, "SELECT group_concat(id || '|' || ifnull(parent_id, '-') || '|' || note) FROM child");

    private string Ask(string name, string query)
    {
        using var connection = Open(name);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }

    private SqliteConnection Open(string name)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = cli.At(name), Pooling = false, ForeignKeys = false }.ToString());
        connection.Open();
        return connection;
    }
}
