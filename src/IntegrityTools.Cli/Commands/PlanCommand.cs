using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity plan</c>: what a repair would do, and why.</summary>
internal static class PlanCommand
{
    public static Verb Create()
    {
        var store = Choices.Store();
        var filters = new ScanFilters();
        var keep = new Option<string?>("--keep-revision") { Description = "Your decision for one issue: keep this leaf", HelpName = "REV" };
        var document = new Option<string?>("--document")
        {
            Description = "Your decision for one issue: the body in this file (a JSON object)",
            HelpName = "FILE",
        };
        var to = new Option<string?>("--to") { Description = "Also write the plan to this file, or into this folder under its id", HelpName = "plan.json" };
        var overwrite = Choices.Overwrite();
        var output = Choices.Output("table", "json");
        var planning = new PlanningOptions();
        var verb = new Verb(
            "plan",
            "Plans a repair: every operation with its reason, its risk and what it changes. Writes nothing to the store.",
            "plan --scan scan-01hx2v9k3mq7tz4b --max-risk low --to plan.json",
            "plan orders --subject order-17 --keep-revision 3-917fa2",
            "plan orders --subject order-17 --document decided.json") { store, keep, document, to, overwrite, output };
        filters.AddTo(verb);
        planning.AddTo(verb, store);
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var (path, replaces) = (result.GetValue(to), result.GetValue(overwrite));
            if (path is not null && !replaces)
            {
                PlanFile.ThrowIfThere(path); // Before a scan that may take long.
            }

            var login = credential.Read(result);
            var options = planning.Read(result) with
            {
                KeepRevision = result.GetValue(keep),
                Document = result.GetValue(document) is { } file ? DocumentFile.Read(file) : null,
                Credential = login,
                Progress = session.Terminal.Progress,
            };
            ScanReport? report = null;
            var found = filters.Read(result) with
            {
                Store = result.GetValue(store),
                Credential = login,
                Progress = session.Terminal.Progress,
                ReportChanged = changed => report = changed,
            };
            var plan = (await session.Engine.PlanAsync(found, options, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
            if (plan is not null && path is not null)
            {
                session.Terminal.Note($"Written to {await PlanFile.ExportAsync(plan, path, replaces, cancellationToken).ConfigureAwait(false)}.");
            }

            PlanOutput.Write(session, plan, result.GetValue(output));
            ScanSummary.TellIgnored(session, report);
            return ExitCodes.Done;
        });
    }
}
