using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.Sqlite;

namespace IntegrityTools.Tests.Health;

/// <summary>What health says of repairs that have not come to their end.</summary>
public class RepairStateTests
{
    [Fact]
    public async Task A_repair_that_was_killed_is_told_and_one_that_a_later_repair_has_followed_no_more()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        await place.ScanAsync();
        await AppendAsync(LedgerEventKinds.ExecutionStarted, "exec-1", ExecutionStatus.Running);

        var killed = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
        Assert.Contains("exec-1, is under way or was cut off", Resolver(killed).Reason, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, Resolver(killed).Status);
        Assert.Contains(killed.Recommendations, advice => advice.Command == "integrity repair --resume exec-1 --confirm");

        await AppendAsync(LedgerEventKinds.ExecutionFinished, "exec-1", ExecutionStatus.Stopped);
        Assert.Contains("exec-1, stopped", Resolver(await place.Work.Engine.Health.MeasureAsync(place.Database, null, default)).Reason, StringComparison.Ordinal);

        await AppendAsync(LedgerEventKinds.ExecutionStarted, "exec-2", ExecutionStatus.Running);
        await AppendAsync(LedgerEventKinds.ExecutionFinished, "exec-2", ExecutionStatus.Completed);
        Assert.Equal(HealthStatus.Healthy, Resolver(await place.Work.Engine.Health.MeasureAsync(place.Database, null, default)).Status);

        async Task AppendAsync(string kind, string id, ExecutionStatus status)
        {
            var execution = new RepairExecution { Id = id, PlanId = "plan-1", Store = "sqlite:" + place.Database, Status = status, StartedAt = DateTimeOffset.UtcNow };
            await (await place.Work.Engine.GetLedgerAsync(default)).AppendAsync(
                [
                    new LedgerEvent
                    {
                        Kind = kind, Store = execution.Store, PlanId = execution.PlanId, ExecutionId = id,
                        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(execution, ModelJson.Default.RepairExecution)),
                    },
                ],
                default);
        }
    }

    private static HealthCheck Resolver(StoreHealth health) => Assert.Single(health.Checks, check => check.Name == "resolver");
}
