using System.Text.Json;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>Scans that are killed as processes, and go on.</summary>
public sealed class ResumedScanTests : IDisposable
{
    private const int Conflicts = 3000;
    private readonly CliFolder cli = new(20);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task A_scan_that_is_killed_at_random_moments_and_gone_on_with_finds_every_issue_once()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        foreach (var chunk in Enumerable.Range(0, Conflicts).Chunk(500))
        {
            await server.InsertAsync(database, [.. chunk.SelectMany(number => new[]
            {
                Leaf(number, "b"), Leaf(number, "c"),
            })]);
        }

        var environment = server.Credential is { } credential
            ? new Dictionary<string, string> { ["INTEGRITY_USER"] = credential.UserName, ["INTEGRITY_PASSWORD"] = credential.Password }
            : [];
        string[] arguments = ["scan", $"couchdb://{server.Address.Authority}/{database}", "--output", "json"];
        var random = new Random(17);
        JsonElement? ended = null;
        for (var kills = 0; ended is null; kills++)
        {
            var result = kills < 6
                ? await cli.KillAsync(TimeSpan.FromMilliseconds(random.Next(300, 1500)), environment, arguments)
                : await cli.RunAsync(environment, arguments);
            var scans = (await cli.RunAsync("reports", "list", "--all-stores", "--output", "json")).Expect(0).Json.GetProperty("scans");
            if (scans.GetArrayLength() == 0)
            {
                continue;
            }

            // One that is killed when all was recorded, before it could say so, has ended as well.
            if (scans[0].GetProperty("status").GetString() == "success")
            {
                ended = scans[0];
                result?.Expect(0);
            }
            else
            {
                Assert.Null(result);
                arguments = ["scan", "--resume", scans[0].GetProperty("scan_id").GetString()!, "--output", "json"];
            }
        }

        var scan = ended.Value;
        Assert.Equal(("success", Conflicts), (scan.GetProperty("status").GetString(), scan.GetProperty("issues").GetInt32()));
        var plan = (await cli.RunAsync(environment, ["plan", "--scan", scan.GetProperty("scan_id").GetString()!, "--output", "json"])).Expect(0).Json;
        Assert.Equal(Conflicts, plan.GetProperty("operations").EnumerateArray().Select(operation => operation.GetProperty("subject").GetString()).Distinct().Count());
        Assert.Equal(Conflicts, plan.GetProperty("operations").GetArrayLength());
        (await cli.RunAsync("audit", "verify")).Expect(0);
    }

    [Fact]
    public async Task What_cannot_go_on_and_what_cannot_be_meant_is_refused()
    {
        var ended = (await cli.RunAsync("scan", "--output", "json")).Expect(0).Json.GetProperty("scan").GetProperty("scan_id").GetString()!;

        Assert.Contains("has ended", (await cli.RunAsync("scan", "--resume", ended)).Expect(4).Error, StringComparison.Ordinal);
        Assert.Contains("leave STORE", (await cli.RunAsync("scan", "demo", "--resume", ended)).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("leave STORE", (await cli.RunAsync("scan", "--resume", ended, "--type", "all")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("'soon' is no duration", (await cli.RunAsync("scan", "--timeout", "soon")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("goes from 1 to 64", (await cli.RunAsync("scan", "--max-concurrent-operations", "99")).Expect(2).Error, StringComparison.Ordinal);
    }

    private static string Leaf(int number, string hash) =>
        $$$"""{"_id":"d{{{number:D5}}}","_rev":"2-{{{hash}}}","_revisions":{"start":2,"ids":["{{{hash}}}","a"]},"x":"{{{hash}}}"}""";
}
