using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Cli.Tests;

/// <summary>Ctrl+C while a server accepts and never answers.</summary>
public sealed class HangingServerTests : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);
    private readonly CliFolder cli = new(20);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task Ctrl_C_stops_a_scan_of_a_hanging_server()
    {
        CliFolder.RequireInterrupt();
        using var proxy = new FreezingProxy();

        var result = await InterruptAsync(proxy, string.Empty, [], "scan", $"couchdb://{proxy.Authority}/db");

        Assert.Contains("Cancelled.", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The server freezes at the lease, while the state before is saved, and at the first write.</summary>
    [SkippableTheory]
    [InlineData("_local/", false)]
    [InlineData("attachments=true", true)]
    [InlineData("_bulk_docs", true)]
    public async Task Ctrl_C_stops_a_repair_of_a_hanging_server_and_what_had_begun_can_be_resumed(string request, bool begun)
    {
        CliFolder.RequireInterrupt();
        var server = await CouchDbServer.RequireAsync();
        var login = server.Credential is { } credential
            ? new Dictionary<string, string> { ["INTEGRITY_USER"] = credential.UserName, ["INTEGRITY_PASSWORD"] = credential.Password }
            : [];
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. new RandomTrees(99).Documents(60).SelectMany(document => document.Revisions)]);
        using var proxy = new FreezingProxy(server.Address);
        var planned = await cli.RunAsync(login, ["plan", $"couchdb://{proxy.Authority}/{database}", "--output", "json"]);
        var plan = planned.Expect(0).Json.GetProperty("id").GetString()!;

        var result = await InterruptAsync(proxy, request, login, "repair", "--plan", plan, "--confirm");

        proxy.Thaw();
        var resume = result.Error.Split('\n').SingleOrDefault(line => line.Contains("repair --resume", StringComparison.Ordinal));
        Assert.Equal(begun, resume is not null);

        // The lease that could not be given back is a dead process's: nobody waits for it.
        string[] goOn = resume is null ? ["repair", "--plan", plan, "--confirm"] : resume.Trim().Split(' ')[1..];
        (await cli.RunAsync(login, goOn)).Expect(0);
    }

    /// <summary>Presses Ctrl+C once the server is frozen, again when it took too long: what a machine that does other things adds is not the program's.</summary>
    private async Task<CliResult> InterruptAsync(FreezingProxy proxy, string request, Dictionary<string, string> environment, params string[] arguments)
    {
        var (result, took) = (default(CliResult), TimeSpan.MaxValue);
        for (var attempt = 0; attempt < Attempts && took >= Promised; attempt++)
        {
            proxy.Thaw();
            proxy.FreezeAt(request);
            (result, took) = await cli.InterruptAsync(() => proxy.Frozen, environment, arguments);
            result.Expect(130);
        }

        Assert.True(took < Promised, $"It took {took}.");
        return result!;
    }
}
