using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Health;

/// <summary>What health says of a store of which little or nothing is known.</summary>
public class LittleKnownTests
{
    [Fact]
    public async Task A_server_that_does_not_answer_is_unhealthy_and_its_figures_are_null()
    {
        await using var place = new Workplace("performance:\n  timeout: 200ms\n");
        var health = await place.Engine.Health.MeasureAsync("couchdb://127.0.0.1:1/db", null, default);
        Assert.Equal((HealthStatus.Unhealthy, null, null), (health.Status, health.TotalDocuments, health.HealthScore));
        Assert.Equal(HealthStatus.Unhealthy, Check(health, "database").Status);
        Assert.Contains("not known", Check(health, "score").Reason, StringComparison.Ordinal);
        Assert.Contains("\"health_score\":null", JsonSerializer.Serialize(health, ModelJson.Default.StoreHealth), StringComparison.Ordinal);
        Assert.StartsWith("integrity health ", Assert.Single(health.Recommendations).Command, StringComparison.Ordinal);
        Assert.Null((await place.Engine.Health.MeasureAsync("couchdb://127.0.0.1:1/db", null, default)).Trend);
        Assert.True((await place.VerifyAsync()).Ok);
    }

    [Fact]
    public async Task A_dump_that_was_repaired_into_another_file_was_called_one_without_conflicts()
    {
        await using var place = new Workplace();
        var (dump, repaired) = ("couchdump:" + place.PathOf("a.jsonl"), place.PathOf("b.jsonl"));
        await File.WriteAllTextAsync(place.PathOf("a.jsonl"), $"[{string.Join(',', Conflict("a"))}]\n");
        var plan = await place.PlanAsync(await place.ScanAsync(dump), Strategy.HighestRev);
        await place.RunAsync(plan, repaired);

        var old = await place.Engine.Health.MeasureAsync(dump, null, default);

        Assert.Equal((null, HealthStatus.Degraded), (old.ConflictCount, Check(old, "detector").Status));
        Assert.Contains(repaired, Check(old, "detector").Reason, StringComparison.Ordinal);
        Assert.Contains(old.Recommendations, advice => advice.Command == $"integrity health couchdump:{repaired}");
        await place.ScanAsync(dump);
        Assert.Equal(1, (await place.Engine.Health.MeasureAsync(dump, null, default)).ConflictCount);
    }

    [Fact]
    public async Task A_scan_for_one_type_is_told_as_one_that_did_not_look_for_the_others()
    {
        await using var place = new Workplace();
        await File.WriteAllTextAsync(place.PathOf("a.jsonl"), $"[{string.Join(',', Conflict("a"))}]\n");
        await place.Engine.ScanAsync(new ScanOptions { Store = "couchdump:" + place.PathOf("a.jsonl"), Types = ["validation"] }, default).ToListAsync();

        var reason = Check(await place.Engine.Health.MeasureAsync("couchdump:" + place.PathOf("a.jsonl"), null, default), "detector").Reason;

        Assert.Contains("It did not look for ", reason, StringComparison.Ordinal);
        Assert.Contains("conflicts", reason, StringComparison.Ordinal);
    }

    private static HealthCheck Check(StoreHealth health, string name) => Assert.Single(health.Checks, check => check.Name == name);

    private static string[] Conflict(string id) =>
        [.. new[] { "a", "b" }.Select(end => $$$"""{"_id":"{{{id}}}","_rev":"2-{{{end}}}{{{end}}}","_revisions":{"start":2,"ids":["{{{end}}}{{{end}}}","00"]},"by":"{{{end}}}"}""")];
}
