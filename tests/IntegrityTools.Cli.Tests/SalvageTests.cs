using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

public sealed class SalvageTests : IDisposable
{
    private readonly CliFolder cli = new(10);

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task A_file_without_header_is_salvaged_and_counted_per_table()
    {
        await MakeAsync();

        var report = (await cli.RunAsync("salvage", "app.db", "--to", "new.db", "--output", "json")).Expect(0).Json;

        var table = report.GetProperty("tables")[0];
        Assert.Equal("t", table.GetProperty("name").GetString());
        Assert.Equal(3, table.GetProperty("rows").GetInt64());
        Assert.Contains("header is lost", report.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_for_people_names_what_was_found_and_the_new_file()
    {
        await MakeAsync();

        var result = (await cli.RunAsync("salvage", "app.db", "--to", "new.db")).Expect(0);

        Assert.Contains("Pages lost", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("new.db holds 3 rows", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_looks_like_entries_of_an_index_is_counted_apart()
    {
        await MakeAsync(zeroed: 4096, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT); CREATE INDEX by_v ON t(v); INSERT INTO t(v) VALUES('aa'), ('bb'), ('cc')");

        var report = (await cli.RunAsync("salvage", "app.db", "--to", "new.db", "--output", "json")).Expect(0).Json;
        var told = (await cli.RunAsync("salvage", "app.db", "--to", "other.db")).Expect(0).Error;

        Assert.Equal((3, 3), (report.GetProperty("index_entries").GetInt32(), report.GetProperty("unplaced_rows").GetInt32()));
        Assert.Contains("index_entries: 3 rows that look like entries of an index", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_exists_is_refused()
    {
        await MakeAsync();
        await File.WriteAllTextAsync(cli.At("new.db"), "mine");

        var result = (await cli.RunAsync("salvage", "app.db", "--to", "new.db")).Expect(2);

        Assert.Contains("exists already", result.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(cli.At("new.db")));
        Assert.Contains("--overwrite", result.Error, StringComparison.Ordinal);
        (await cli.RunAsync("salvage", "app.db", "--to", "new.db", "--overwrite")).Expect(0);
    }

    [Fact]
    public async Task A_backup_that_is_named_by_its_id_gives_the_definitions_that_are_lost_and_the_ledger_has_the_salvage()
    {
        await MakeAsync(zeroed: 0);
        var backup = (await cli.RunAsync("backup", "app.db", "--to", "backups", "--output", "json")).Expect(0).Json.GetProperty("manifest").GetProperty("id").GetString()!;
        await MakeAsync(zeroed: 4096);

        var report = (await cli.RunAsync("salvage", "app.db", "--to", "new.db", "--schema", backup, "--output", "json")).Expect(0).Json;

        Assert.Equal(("t", 3), (report.GetProperty("tables")[0].GetProperty("name").GetString(), report.GetProperty("tables")[0].GetProperty("rows").GetInt32()));
        Assert.Contains("database_salvaged", (await cli.RunAsync("audit", "show")).Expect(0).Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_large_index_is_made_anew_without_being_held_in_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Memory is read from /proc.");
        OddDatabase.Run(cli.At("app.db"), """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) INSERT INTO t SELECT i, hex(randomblob(100)) FROM n;
            CREATE INDEX by_v ON t(v);
            """);

        var (result, peak) = await cli.MeasureAsync([], "salvage", "app.db", "--to", "new.db", "--quiet");

        result.Expect(0);
        Assert.True(peak < 130L << 20, $"{peak >> 20} MiB for an index of 130");
    }

    private async Task MakeAsync(int zeroed = 100, string sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t(v) VALUES('a'), ('b'), ('c')")
    {
        File.Delete(cli.At("app.db"));
        Sqlite.SqliteRuntime.Initialize();
        await using (var connection = new SqliteConnection($"Data Source={cli.At("app.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }

        var bytes = await File.ReadAllBytesAsync(cli.At("app.db"));
        bytes.AsSpan(0, zeroed).Clear();
        await File.WriteAllBytesAsync(cli.At("app.db"), bytes);
    }
}
