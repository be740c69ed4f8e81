using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity health</c>: how well a store is, without a scan.</summary>
internal static class HealthCommand
{
    public static Verb Create()
    {
        var store = Choices.Store();
        var failOn = Choices.Code<HealthStatus>("--fail-on", "S", "Exit with 3 when the store is so or worse; default: unhealthy");
        var output = Choices.Output("table", "json");
        var verb = new Verb(
            "health",
            "Tells how well a store is: score, figures, checks, trend, and what would do it good. Scans nothing and writes nothing to the store.",
            "health couchdb://localhost:5984/orders --user admin --password-file pw",
            "health app.db --fail-on degraded --output json") { store, failOn, output };
        verb.Notes =
        [
            "Degraded:  a score below monitoring.alert_threshold (80), no whole scan or one more than a week old, more than 500 issues or 100 duplicates waiting, more than 1 % of operations",
            "           failed, 5 of 100 took more than a second, a volume over 80 % used, a replication that is crashing",
            "Unhealthy: a score below 50, a last scan that failed, a critical issue, more than 10 % of operations failed, a volume over 90 % used, a replication that failed, no answer",
        ];
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var health = await session.Engine.Health
                .MeasureAsync(result.GetValue(store), credential.Read(result), cancellationToken).ConfigureAwait(false);
            HealthOutput.Write(session, health with { Recommendations = session.Following(health.Recommendations) }, result.GetValue(output));
            return health.Status >= (result.GetValue(failOn) ?? HealthStatus.Unhealthy) ? ExitCodes.IssuesFound : ExitCodes.Done;
        });
    }
}
