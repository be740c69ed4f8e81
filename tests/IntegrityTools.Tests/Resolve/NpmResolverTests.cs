using System.Diagnostics;
using System.Text.Json;
using IntegrityTools.Tests.Engines;
using Xunit.Abstractions;

namespace IntegrityTools.Tests.Resolve;

/// <summary>What else resolves CouchDB's conflicts, on the conflicts of which our planner loses no edit.</summary>
public sealed class NpmResolverTests(ITestOutputHelper output)
{
    private const int Conflicts = 960;

    [SkippableFact]
    public async Task The_resolvers_of_npm_lose_edits_that_our_plan_keeps()
    {
        var modules = NodeModules.Find("pouch-resolve-conflicts", "COUCH_PEERS", "/opt/couch-peers");
        Skip.If(modules is null, "pouch-resolve-conflicts, couchdb-conflict-manager and pouchdb of npm: not found; name their node_modules in COUCH_PEERS.");
        var folder = Directory.CreateTempSubdirectory("integrity-peers-").FullName;
        try
        {
            var input = Path.Combine(folder, "conflicts.jsonl");
            await using (var file = new StreamWriter(input))
            {
                ReplicaSimulation.Write(new ReplicaSimulation(1).Run(Conflicts), file);
            }

            var answer = Path.Combine(folder, "results.json");
            var script = Path.Combine(Repository.Root, "bench", "peers", "merge.js");
            using var node = Process.Start(new ProcessStartInfo("node", [script, input, answer, modules!]) { RedirectStandardError = true })!;
            var errors = await node.StandardError.ReadToEndAsync();
            await node.WaitForExitAsync();
            Assert.True(node.ExitCode == 0, errors);

            using var results = JsonDocument.Parse(await File.ReadAllBytesAsync(answer));
            foreach (var peer in results.RootElement.EnumerateObject())
            {
                var (edits, lost) = (peer.Value.GetProperty("edits").GetInt32(), peer.Value.GetProperty("lost").GetInt32());
                output.WriteLine($"{peer.Name}: {peer.Value.GetProperty("resolved").GetInt32()} resolved, {lost} of {edits} edits lost");
                Assert.True(lost > edits / 4, $"{peer.Name} lost {lost} of {edits} edits only: the comparison in the documentation no longer holds.");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
