using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity plans</c>: the plans that the ledger knows.</summary>
internal static class PlansCommand
{
    public static Command Create() => new("plans", "Lists, shows and imports plans.") { List(), Show(), Import() };

    private static Verb List()
    {
        var store = Choices.ListedStore();
        var all = Choices.AllStores();
        var output = Choices.Output("table", "json");
        var verb = new Verb("list", "Lists the recorded plans, newest first.", "plans list", "plans list --all-stores") { store, all, output };
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var plans = await session.Engine.ListPlansAsync(result.GetValue(store), result.GetValue(all), cancellationToken).ConfigureAwait(false);
            PlanList.Write(session.Terminal, plans, result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static Verb Show()
    {
        var id = new Argument<string>("ID") { Description = "The plan's id" };
        var output = Choices.Output("table", "json");
        return new Verb("show", "Shows a plan with its operations.", "plans show plan-01hx2v9k3mq7tz4b") { id, output }
            .Does(async (session, result, cancellationToken) =>
            {
                var plan = await session.Engine.GetPlanAsync(result.GetValue(id)!, cancellationToken).ConfigureAwait(false);
                PlanOutput.Write(session, plan, result.GetValue(output));
                return ExitCodes.Done;
            });
    }

    private static Verb Import()
    {
        var file = new Argument<string>("FILE") { Description = "A plan file, written by 'integrity plan --to'" };
        var accept = new Option<bool>("--accept-changes")
        {
            Description = "Take changes made by hand: the plan gets a new id, and what changed is recorded",
        };
        return new Verb("import", "Records a plan file.", "plans import plan.json --accept-changes") { file, accept }
            .Does(async (session, result, cancellationToken) =>
            {
                var plan = await session.Engine
                    .ImportPlanAsync(result.GetValue(file)!, result.GetValue(accept), record: true, cancellationToken).ConfigureAwait(false);
                session.Terminal.Write(plan.Id);
                var origin = plan.DerivedFrom is { } from ? $", changed from {from}" : string.Empty;
                session.Terminal.Note($"{Counted.Of(plan.Operations.Count, "operation")} for {plan.Store}{origin}.");
                session.Next($"repair --plan {plan.Id}");
                return ExitCodes.Done;
            });
    }
}
