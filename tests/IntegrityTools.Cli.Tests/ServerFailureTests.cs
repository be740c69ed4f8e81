using System.Text.Json;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Cli.Tests;

/// <summary>What the command line says and does when a server is not what it should be, or is busy with another.</summary>
public sealed class ServerFailureTests : IDisposable
{
    private readonly CliFolder cli = new(20);

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData(200, "text/html", "<html>Sign in to the network")]
    [InlineData(404, "text/html", "<html>No such page")]
    [InlineData(200, "text/plain", "Welcome to the hotel")]
    [InlineData(200, "application/json", "{\"message\":\"ok\"}")]
    [InlineData(302, "text/html", "")]
    public async Task A_proxy_that_answers_instead_of_the_server_is_named_with_what_to_check(int status, string type, string body)
    {
        using var proxy = AnsweringServer.Always(status, type, body);

        var result = (await cli.RunAsync("scan", $"couchdb://{proxy.Address.Authority}/db")).Expect(1);

        Assert.Contains("[UnexpectedAnswer]", result.Error, StringComparison.Ordinal);
        Assert.Contains("Next:", result.Error, StringComparison.Ordinal);
        Assert.Contains(body, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Requests);
    }

    [SkippableFact]
    public async Task A_wrong_password_costs_one_attempt_of_whatever_verb_it_was_given_to()
    {
        var server = await RequireAsync();
        using var proxy = new CuttingProxy(server.Address);
        var store = $"couchdb://{proxy.Authority}/{await FillAsync(server)}";
        var plan = Text((await cli.RunAsync(Environment(server), ["plan", store, "--output", "json"])).Expect(0).Json, "id");
        var execution = Text((await cli.RunAsync(Environment(server), ["repair", "--plan", plan, "--confirm", "--output", "json"])).Expect(0).Json, "execution_id");

        foreach (var verb in new string[][]
        {
            ["scan", store], ["plan", store], ["resolve", store, "--confirm"], ["repair", "--plan", plan], ["repair", "--plan", plan, "--confirm"], ["undo", execution, "--confirm"],
        })
        {
            // A name of its own each time: the server locks a name out after five.
            var wrong = new Dictionary<string, string> { ["INTEGRITY_USER"] = "nobody" + verb.Length + verb[0], ["INTEGRITY_PASSWORD"] = "wrong" };
            var before = proxy.Requests.Count;

            var result = (await cli.RunAsync(wrong, verb)).Expect(1);

            Assert.Equal(before + 1, proxy.Requests.Count);
            Assert.Contains("[LoginRefused]", result.Error, StringComparison.Ordinal);
            Assert.Contains("One was spent", result.Error, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_database_that_is_not_there_is_named()
    {
        var server = await CouchDbServer.RequireAsync();

        var result = (await cli.RunAsync(Environment(server), ["scan", $"couchdb://{server.Address.Authority}/there-is-none"])).Expect(1);

        Assert.Contains("[StoreNotFound]", result.Error, StringComparison.Ordinal);
        Assert.Contains("there-is-none", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_server_that_goes_away_in_mid_repair_leaves_an_execution_and_the_command_that_resumes_it()
    {
        var server = await CouchDbServer.RequireAsync();
        var writes = 0;
        using var proxy = new CuttingProxy(server.Address, line => Task.FromResult(
            line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 2 ? Cut.Answer : Cut.None));
        var store = $"couchdb://{proxy.Authority}/{await FillAsync(server)}";

        var lost = (await cli.RunAsync(Environment(server), ["resolve", store, "--confirm"])).Expect(1);

        Assert.Contains("[StoreUnavailable]", lost.Error, StringComparison.Ordinal);
        var resume = lost.Error[lost.Error.IndexOf("repair --resume", StringComparison.Ordinal)..].Split((char[])[' ', '\n', '\'', '"'], StringSplitOptions.RemoveEmptyEntries)[..3];
        var shown = (await cli.RunAsync("reports", "show", resume[2], "--output", "json")).Expect(0).Json;
        Assert.Equal("stopped", Text(shown.GetProperty("execution"), "status"));
        Assert.NotEqual(0, shown.GetProperty("pending").GetArrayLength());

        (await cli.RunAsync(Environment(server), [.. resume, "--confirm"])).Expect(0);
        var left = (await cli.RunAsync(Environment(server), ["scan", store, "--output", "jsonl"])).Expect(0).JsonLines;
        Assert.DoesNotContain(left, issue => issue.GetProperty("can_auto_resolve").GetBoolean());
    }

    [SkippableFact]
    public async Task A_second_executor_is_refused_and_told_who_repairs_and_until_when()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await FillAsync(server);
        var first = new Once();
        CliResult? second = null;
        var other = new Dictionary<string, string>(Environment(server)) { ["INTEGRITY_LEDGER"] = cli.At("other.db") };
        using var proxy = new CuttingProxy(server.Address, async line =>
        {
            if (line.Contains("_bulk_docs", StringComparison.Ordinal) && first.IsFirst())
            {
                second = await cli.RunAsync(other, ["resolve", $"couchdb://{server.Address.Authority}/{database}", "--confirm"]);
            }

            return Cut.None;
        });

        var done = (await cli.RunAsync(Environment(server), ["resolve", $"couchdb://{proxy.Authority}/{database}", "--confirm", "--output", "json"])).Expect(0).Json;

        second!.Expect(4);
        Assert.Contains("[LeaseHeld]", second.Error, StringComparison.Ordinal);
        Assert.Contains(Text(done, "execution_id"), second.Error, StringComparison.Ordinal);
        Assert.Contains($"{System.Environment.UserName}@{System.Environment.MachineName}", second.Error, StringComparison.Ordinal);
        Assert.Matches(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", second.Error);
    }

    private static async Task<CouchDbServer> RequireAsync()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        Skip.If(server.Credential is null, "CouchDB: this test needs one that asks for a password");
        return server;
    }

    private static async Task<string> FillAsync(CouchDbServer server)
    {
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. new RandomTrees(61).Documents(40).SelectMany(document => document.Revisions)]);
        return database;
    }

    private static Dictionary<string, string> Environment(CouchDbServer server) => server.Credential is { } credential
        ? new() { ["INTEGRITY_USER"] = credential.UserName, ["INTEGRITY_PASSWORD"] = credential.Password }
        : [];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
