using System.CommandLine;
using System.IO.Enumeration;
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
        var scan = new Option<string?>("--scan") { Description = "Plan for the issues of this scan instead of scanning again", HelpName = "ID" };
        var documentTypes = Choices.DocumentTypes();
        var subjects = Choices.Subjects();
        var keep = new Option<string?>("--keep-revision") { Description = "Your decision for one issue: keep this leaf", HelpName = "REV" };
        var document = new Option<string?>("--document")
        {
            Description = "Your decision for one issue: the body in this file (a JSON object)",
            HelpName = "FILE",
        };
        var to = new Option<string?>("--to") { Description = "Also write the plan to this file", HelpName = "plan.json" };
        var output = Choices.Output("table", "json");
        var planning = new PlanningOptions();
        var verb = new Verb(
            "plan",
            "Plans a repair: every operation with its reason, its risk and what it changes. Writes nothing to the store.",
            "plan --scan scan-01hx2v9k3mq7tz4b --max-risk low --to plan.json",
            "plan orders --subject order-17 --keep-revision 3-917fa2",
            "plan orders --subject order-17 --document decided.json") { store, scan, documentTypes, subjects, keep, document, to, output };
        planning.AddTo(verb);
        var credential = new CredentialOptions().AddTo(verb);
        verb.Validators.Add(given =>
        {
            if (given.GetResult(scan) is not null && given.GetValue(store) is not null)
            {
                given.AddError("Name a STORE to scan it now, or --scan ID for the issues of an earlier scan, not both.");
            }
        });
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var login = credential.Read(result);
            var options = planning.Read(result) with
            {
                KeepRevision = result.GetValue(keep),
                Document = result.GetValue(document) is { } file ? DocumentFile.Read(file) : null,
                Credential = login,
            };
            var issues = result.GetValue(scan) is { } scanId
                ? session.Engine.ReadIssuesAsync(scanId, cancellationToken)
                    .Where(issue => Matches(issue, result.GetValue(documentTypes)!, result.GetValue(subjects)!))
                : session.Engine.ScanAsync(
                    new ScanOptions
                    {
                        Store = result.GetValue(store),
                        Credential = login,
                        DocumentTypes = result.GetValue(documentTypes)!,
                        Subjects = result.GetValue(subjects)!,
                        ForPlan = true,
                        Progress = session.Terminal.Progress,
                    },
                    cancellationToken);
            var plan = (await session.Engine.PlanAsync(issues, options, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
            if (plan is not null && result.GetValue(to) is { } path)
            {
                await PlanFile.ExportAsync(plan, path, cancellationToken).ConfigureAwait(false);
                session.Terminal.Note($"Written to {path}.");
            }

            PlanOutput.Write(session, plan, result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static bool Matches(IntegrityIssue issue, string[] documentTypes, string[] subjects) =>
        (subjects.Length == 0 || subjects.Contains(issue.Subject))
        && (documentTypes.Length == 0
            || documentTypes.Any(type => FileSystemName.MatchesSimpleExpression(type, issue.DocumentType ?? string.Empty, ignoreCase: false)));
}
