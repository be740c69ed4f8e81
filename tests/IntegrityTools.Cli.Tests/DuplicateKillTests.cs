using System.Text.Json;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>The repair of duplicates, killed as a process at random moments inside its groups.</summary>
public sealed class DuplicateKillTests : IDisposable
{
    private const int Kills = 12;
    private const int Things = 150;
    private readonly CliFolder cli = new(5);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_repair_of_duplicates_killed_at_random_moments_loses_nothing_meanwhile_and_ends_as_if_never_killed()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync(real: true);
        var whole = await PrepareAsync(server);
        var before = await server.ReadAsync(whole);
        var plan = await PlanAsync(server, whole);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (await cli.RunAsync(server.Credentials(), ["repair", "--plan", plan, "--confirm"])).Expect(0);
        var lasts = watch.Elapsed.TotalMilliseconds;
        var expected = await server.ReadAsync(whole);
        Assert.NotEqual(before, expected);

        // As of a run that was killed when all was done, before it could say so.
        (await cli.RunAsync(server.Credentials(), ["repair", "--plan", plan, "--confirm"])).Expect(0);
        Assert.Equal(expected, await server.ReadAsync(whole));
        var random = new Random(4711);
        for (var kills = 0; kills < Kills;)
        {
            var database = await PrepareAsync(server);
            plan = await PlanAsync(server, database);
            string[] goOn = ["repair", "--plan", plan, "--confirm"];
            var undo = false;
            while (await cli.KillAsync(TimeSpan.FromMilliseconds(random.Next((int)(lasts / 4), (int)lasts)), server.Credentials(), goOn) is null)
            {
                kills++;
                await AssertNothingIsLostAsync(server, database);
                var execution = await cli.UnfinishedAsync();
                if (execution is null && await cli.IsDoneAsync(plan))
                {
                    break; // Killed when all was done and recorded.
                }

                undo = execution is not null && kills % 5 == 4;
                goOn = undo ? ["undo", execution!, "--confirm"] : execution is null ? goOn : ["repair", "--resume", execution, "--confirm"];
                if (undo || kills >= Kills)
                {
                    await cli.GoOnAsync(server.Credentials(), goOn);
                    break;
                }
            }

            Assert.True((undo ? before : expected) == await server.ReadAsync(database), $"after {kills} kills: {string.Join(' ', goOn)}");
            await server.DeleteAsync(database);
        }

        (await cli.RunAsync("audit", "verify")).Expect(0);
        await server.DeleteAsync(whole);
    }

    private static async Task<string> PrepareAsync(CouchDbServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            [
                .. Enumerable.Range(0, Things).SelectMany(number => new[]
                {
                    $$$"""{"_id":"a{{{number}}}","_rev":"1-aa","@type":"SoftwareApplication","name":"n{{{number}}}","hostedOn":"h","a{{{number}}}":1.0,"dateCreated":"2025-02-01"}""",
                    $$$"""{"_id":"b{{{number}}}","_rev":"1-aa","@type":"SoftwareApplication","name":"n{{{number}}}","hostedOn":"h","b{{{number}}}":2,"dateCreated":"2025-01-01"}""",
                    $$$"""{"_id":"s{{{number}}}","_rev":"1-aa","@type":"Stack","containers":["a{{{number}}}","b{{{number}}}"]}""",
                    $$$"""{"_id":"t{{{number}}}","_rev":"1-aa","@type":"Stack","containers":["a{{{number}}}"]}""",
                }),
                """{"_id":"h","_rev":"1-aa","@type":"ComputerServer"}""",
            ]);
        return database;
    }

    /// <summary>What only one of two duplicates holds stands in a live document at every moment, and every reference leads to one.</summary>
    private static async Task AssertNothingIsLostAsync(CouchDbServer server, string database)
    {
        using var all = JsonDocument.Parse(await server.GetAsync(database + "/_all_docs?include_docs=true"));
        var documents = all.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("doc")).ToList();
        var ids = documents.Select(document => document.GetProperty("_id").GetString()!).ToHashSet();
        var fields = documents.SelectMany(document => document.EnumerateObject().Select(member => member.Name)).ToHashSet();
        Assert.All(Enumerable.Range(0, Things), number => Assert.True(fields.Contains($"a{number}") && fields.Contains($"b{number}"), $"thing {number} lost a field"));
        Assert.All(
            documents.Where(document => document.TryGetProperty("containers", out _)),
            document => Assert.All(document.GetProperty("containers").EnumerateArray(), reference => Assert.Contains(reference.GetString()!, ids)));
    }

    private async Task<string> PlanAsync(CouchDbServer server, string database)
    {
        var planned = await cli.RunAsync(
            server.Credentials(), ["plan", $"couchdb://{server.Address.Authority}/{database}", "--type", "duplicates", "--output", "json"]);
        return planned.Expect(0).Json.GetProperty("id").GetString()!;
    }
}
