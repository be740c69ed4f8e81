using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity resolve</c>: plan and repair in one.</summary>
internal static class ResolveCommand
{
    public static Verb Create()
    {
        var store = Choices.Store();
        var filters = new ScanFilters();
        var planning = new PlanningOptions();
        var confirm = Choices.Confirm();
        var to = Choices.Destination();
        var output = Choices.Output("table", "json", "jsonl");
        var verb = new Verb(
            "resolve",
            "Scans, plans and repairs in one. A dry run unless --confirm is given.",
            "resolve orders --strategy merge",
            "resolve --scan scan-01hx2v9k3mq7tz4b --max-risk low --confirm",
            "resolve couchdump:backup.jsonl --confirm --to repaired.jsonl") { store, confirm, to, output };
        filters.AddTo(verb);
        planning.AddTo(verb, store);
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var login = credential.Read(result);
            var scan = filters.Read(result) with { Store = result.GetValue(store), Credential = login, Progress = session.Terminal.Progress };
            var options = planning.Read(result) with { Credential = login, Progress = session.Terminal.Progress };
            var plans = await session.Engine.PlanAsync(scan, options, cancellationToken).ConfigureAwait(false);
            if (plans.Count == 0)
            {
                ResultOutput.WriteNothing(session, result.GetValue(output), dryRun: !result.GetValue(confirm));
                return ExitCodes.Done;
            }

            session.Terminal.Note($"Plan {plans[0].Id}.");
            return await new RepairRun(session, result.GetValue(output), result.GetValue(confirm))
                .RunAsync(plans[0], new RepairOptions { Destination = result.GetValue(to), Credential = login }, $"repair --plan {plans[0].Id}", cancellationToken)
                .ConfigureAwait(false);
        });
    }
}
