using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Cli.Tests;

/// <summary>Restores, killed as processes at moments spread over all of a run.</summary>
public sealed class RestoreKillTests : IDisposable
{
    private const int Moments = 12;
    private const int Documents = 1500;
    private readonly CliFolder cli = new(5);

    public void Dispose() => cli.Dispose();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restore_of_a_database_killed_at_any_moment_is_ended_by_a_resume_and_can_then_be_taken_back(bool intoExisting)
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync(real: true);
        var origin = await server.CreateDatabaseAsync();
        await server.InsertAsync(origin, [.. new RandomTrees(5).Documents(40).SelectMany(document => document.Revisions), .. Enumerable.Range(0, Documents).Select(Plain)]);
        await server.PutAsync(origin + "/_revs_limit", "77");
        (await cli.RunAsync(server.Credentials(), ["backup", Store(server, origin), "--to", "backups"])).Expect(0);

        var first = await PrepareAsync(server, intoExisting);
        var before = intoExisting ? await server.ReadAsync(first) : string.Empty;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await cli.RunAsync(server.Credentials(), Restore(server, first))).Expect(0);
        var lasts = watch.Elapsed;
        var expected = await server.ReadAsync(first);
        Assert.Equal(await server.ReadAsync(origin), expected);
        var unbroken = await cli.LastExecutionAsync();
        (await cli.RunAsync(server.Credentials(), ["undo", unbroken, "--confirm"])).Expect(0);
        Assert.Equal(before, await server.ReadAsync(first));
        await server.DeleteAsync(first);

        for (var moment = 0; moment < Moments; moment++)
        {
            var database = await PrepareAsync(server, intoExisting);
            await cli.KillAsync(lasts * moment / Moments, server.Credentials(), Restore(server, database));
            var execution = await cli.UnfinishedAsync();
            var undo = execution is not null && moment % 2 == 1 && (await server.GetAsync("_all_dbs")).Contains(database, StringComparison.Ordinal);
            string[] goOn = execution is null ? Restore(server, database)
                : undo ? ["undo", execution, "--confirm"] : ["repair", "--resume", execution, "--confirm"];
            if (undo && moment % 4 == 3)
            {
                (await cli.RunAsync(server.Credentials(), ["repair", "--resume", execution!, "--confirm"])).Expect(0);
            }

            var ended = await cli.GoOnAsync(server.Credentials(), goOn);

            Assert.True((undo ? before : expected) == await server.ReadAsync(database), $"moment {moment}: {string.Join(' ', goOn)}\n{ended.Output}");
            Assert.True(undo || intoExisting || (await server.GetAsync(database + "/_revs_limit")).Trim() == "77", $"moment {moment}: the settings are missing");
            await server.DeleteAsync(database);
        }

        (await cli.RunAsync("audit", "verify")).Expect(0);
        await server.DeleteAsync(origin);
    }

    [SkippableFact]
    public async Task A_restore_of_the_configuration_killed_at_any_moment_leaves_whole_files_and_a_resume_ends_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        Directory.CreateDirectory(cli.At("app"));
        await File.AppendAllTextAsync(cli.At("integrity.yaml"), "configuration_files: [ app ]\n");
        var files = Enumerable.Range(0, 120).Select(number => cli.At($"app/{number:000}.conf")).ToList();
        await WriteAsync("of the backup");
        (await cli.RunAsync("backup", "--type", "configuration", "--to", "backups")).Expect(0);
        string[] restore = ["restore", "backups", "--overwrite", "--confirm", "--output", "json"];
        await WriteAsync("of today");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await cli.RunAsync(restore)).Expect(0);
        var lasts = watch.Elapsed;
        Assert.Equal(["of the backup"], await ReadAsync());

        for (var moment = 0; moment < Moments; moment++)
        {
            await WriteAsync("of today");
            await cli.KillAsync(lasts * moment / Moments, [], restore);

            Assert.Subset(new HashSet<string> { "of the backup", "of today" }, await ReadAsync());
            var execution = await cli.UnfinishedAsync();
            var undo = execution is not null && moment % 4 == 3;
            await cli.GoOnAsync([], execution is null ? restore : undo ? ["undo", execution, "--confirm"] : ["repair", "--resume", execution, "--confirm"]);
            Assert.Equal([undo ? "of today" : "of the backup"], await ReadAsync());
        }

        Assert.Equal(files, Directory.GetFiles(cli.At("app")).Order(StringComparer.Ordinal));
        (await cli.RunAsync("audit", "verify")).Expect(0);

        async Task WriteAsync(string text)
        {
            foreach (var file in files)
            {
                await File.WriteAllTextAsync(file, $"{Path.GetFileName(file)}={text}\n");
            }
        }

        async Task<HashSet<string>> ReadAsync()
        {
            var found = new HashSet<string>();
            foreach (var file in files)
            {
                found.Add((await File.ReadAllTextAsync(file)).Replace(Path.GetFileName(file) + "=", string.Empty, StringComparison.Ordinal).TrimEnd('\n'));
            }

            return found;
        }
    }

    private static string Plain(int number) => $$$"""{"_id":"p{{{number}}}","_rev":"1-aa","n":{{{number}}}.0,"text":"{{{new string('x', 300)}}}"}""";

    private static string Store(CouchDbServer server, string database) => $"couchdb://{server.Address.Authority}/{database}";

    private static string[] Restore(CouchDbServer server, string database) =>
        ["restore", "backups", "--to", Store(server, database), "--overwrite", "--confirm", "--output", "json"];

    /// <summary>A name without a database, or a database with some of the documents, newer, older, or beside those of the backup.</summary>
    private static async Task<string> PrepareAsync(CouchDbServer server, bool existing)
    {
        if (!existing)
        {
            return "t" + Guid.NewGuid().ToString("N");
        }

        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            [
                .. new RandomTrees(5).Documents(40).Select(document => document.Revisions[0]),
                .. Enumerable.Range(0, 60).Select(number => $$$"""{"_id":"p{{{number}}}","_rev":"2-bb","n":0,"_revisions":{"start":2,"ids":["bb","aa"]}}"""),
                .. Enumerable.Range(60, 60).Select(number => $$$"""{"_id":"p{{{number}}}","_rev":"1-ff","n":1}"""),
                .. Enumerable.Range(120, 60).Select(number => $$$"""{"_id":"p{{{number}}}","_rev":"2-bb","_deleted":true,"_revisions":{"start":2,"ids":["bb","aa"]}}"""),
                .. Enumerable.Range(180, 60).Select(Plain),
            ]);
        return database;
    }
}
