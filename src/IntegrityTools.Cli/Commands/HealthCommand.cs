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
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var health = await session.Engine.Health
                .MeasureAsync(result.GetValue(store), credential.Read(result), cancellationToken).ConfigureAwait(false);
            HealthOutput.Write(session, health, result.GetValue(output));
            return health.Status >= (result.GetValue(failOn) ?? HealthStatus.Unhealthy) ? ExitCodes.IssuesFound : ExitCodes.Done;
        });
    }
}
