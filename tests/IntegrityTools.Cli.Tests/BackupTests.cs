using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>Backups by the program, run and killed as a process.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Documents = 45_000;
    private readonly CliFolder cli = new(5);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_backup_that_is_killed_goes_on_where_it_was_and_holds_all_documents()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        foreach (var numbers in Enumerable.Range(0, Documents).Chunk(15_000))
        {
            await server.InsertAsync(database, [.. numbers.Select(number => $$$"""{"_id":"d{{{number}}}","_rev":"1-aa","v":{{{number}}}}""")]);
        }

        var store = $"couchdb://{server.Address.Authority}/{database}";
        string[] command = ["backup", store, "--to", "backups", "--output", "json"];

        // A few questions a second, so that there is time for the signal between the first part and the last, however fast the machine is.
        File.WriteAllText(cli.At("slow.yaml"), "performance:\n  requests_per_second: 15\n");
        await cli.KillWhenAsync(() => Directory.Exists(cli.At("backups")) && Directory.GetFiles(cli.At("backups"), "*.partial.json").Length > 0, Environment(server), [.. command, "--config", cli.At("slow.yaml")]);
        var killed = DateTimeOffset.UtcNow;
        Assert.Empty((await cli.RunAsync("backup", "list", "backups", "--output", "json")).Expect(0).Json.EnumerateArray());

        var made = (await cli.RunAsync(Environment(server), command)).Expect(0).Json.GetProperty("manifest");

        Assert.True(made.GetProperty("created_at").GetDateTimeOffset() < killed, "It began anew instead of going on.");
        Assert.Equal(Documents, made.GetProperty("counts").GetProperty("documents").GetInt64());
        Assert.Equal(2, Directory.GetFiles(cli.At("backups"), $"{database}-*").Length);
        var tested = (await cli.RunAsync("backup", "test", "backups", "--output", "json")).Expect(0).Json;
        Assert.Equal(Documents, tested.GetProperty("counts").GetProperty("documents").GetInt64());
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task A_restore_is_a_dry_run_until_it_is_confirmed_and_exits_with_4_where_it_left_something_newer_alone()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, """{"_id":"d","_rev":"1-aa","v":1}""");
        var store = $"couchdb://{server.Address.Authority}/{database}";
        var backup = (await cli.RunAsync(Environment(server), ["backup", store, "--to", "backups"])).Expect(0).Lines[0];
        await server.DeleteAsync(database);

        Assert.Contains("Would write: 1", (await cli.RunAsync(Environment(server), ["restore", backup])).Expect(0).Output);
        Assert.Contains("Written: 1", (await cli.RunAsync(Environment(server), ["restore", backup, "--confirm"])).Expect(0).Output);
        await server.InsertAsync(database, """{"_id":"d","_rev":"2-bb","v":2,"_revisions":{"start":2,"ids":["bb","aa"]}}""");
        Assert.Contains("  d", (await cli.RunAsync(Environment(server), ["restore", backup, "--confirm"])).Expect(4).Lines);
        (await cli.RunAsync(Environment(server), ["restore", backup, "--overwrite", "--confirm"])).Expect(0);
        Assert.Contains("\"v\":1", await server.GetAsync($"{database}/d"));
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task A_dump_with_a_broken_line_is_refused_with_its_place_and_the_rest_of_it_restored_when_asked_for()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        var store = $"couchdb://{server.Address.Authority}/{database}";
        await File.WriteAllLinesAsync(cli.At("dump.jsonl"), ["[{\"_id\":\"d\",\"_rev\":\"1-aa\",\"v\":1}]", "[{\"_id\":\"lost\",]"]);

        var refused = (await cli.RunAsync(Environment(server), ["restore", "dump.jsonl", "--to", store, "--confirm"])).Expect(1);
        Assert.Contains("line 2:", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--skip-damaged", refused.Error, StringComparison.Ordinal);
        var restored = (await cli.RunAsync(Environment(server), ["restore", "dump.jsonl", "--to", store, "--skip-damaged", "--confirm"])).Expect(3);
        Assert.Contains("Could not be read and were left out: 1", restored.Output, StringComparison.Ordinal);
        Assert.Contains("  line 2: it is no JSON from one place on, and what follows in the line is lost", restored.Lines);
        Assert.Contains("\"v\":1", await server.GetAsync($"{database}/d"), StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task Skipping_damage_that_is_not_there_is_a_plain_restore()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await File.WriteAllLinesAsync(cli.At("whole.jsonl"), ["[{\"_id\":\"d\",\"_rev\":\"1-aa\",\"v\":1}]"]);

        (await cli.RunAsync(Environment(server), ["restore", "whole.jsonl", "--to", $"couchdb://{server.Address.Authority}/{database}", "--skip-damaged", "--confirm"])).Expect(0);
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task Older_backups_that_go_since_they_expired_are_told()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        string[] command = ["backup", $"couchdb://{server.Address.Authority}/{database}", "--to", "backups"];
        Assert.DoesNotContain("Removed", (await cli.RunAsync(Environment(server), [.. command, "--keep-days", "0"])).Expect(0).Error, StringComparison.Ordinal);
        (await cli.RunAsync(Environment(server), command)).Expect(0);

        var last = (await cli.RunAsync(Environment(server), [.. command, "--keep-days", "0"])).Expect(0);

        Assert.Contains("Removed, since expired: 2 older backups, of 20", last.Error, StringComparison.Ordinal);
        Assert.Single((await cli.RunAsync("backup", "list", "backups", "--output", "json")).Expect(0).Json.EnumerateArray());
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task A_test_without_room_for_temporary_files_tells_so_and_blames_not_the_backup()
    {
        Skip.If(OperatingSystem.IsWindows(), "TMPDIR: Windows names the folder otherwise.");
        OddDatabase.Run(cli.At("app.db"), "CREATE TABLE t(a)");
        (await cli.RunAsync("backup", "app.db", "--to", "backups")).Expect(0);

        var refused = (await cli.RunAsync(new() { ["TMPDIR"] = cli.At("integrity.yaml") }, ["backup", "test", "backups"])).Expect(1);

        Assert.Contains("TMPDIR", refused.Error, StringComparison.Ordinal);
        Assert.Contains("says nothing of the backup", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
        (await cli.RunAsync("backup", "test", "backups")).Expect(0);
    }

    [Fact]
    public async Task A_backup_without_a_folder_and_one_that_is_not_there_are_told()
    {
        Assert.Contains("--to", (await cli.RunAsync("backup", "x.db")).Expect(2).Error);
        Assert.Contains("NotFound", (await cli.RunAsync("backup", "test", "nowhere")).Expect(1).Error);
    }

    private static Dictionary<string, string> Environment(CouchDbServer server) => new()
    {
        ["INTEGRITY_USER"] = server.Credential?.UserName ?? string.Empty,
        ["INTEGRITY_PASSWORD"] = server.Credential?.Password ?? string.Empty,
    };
}
