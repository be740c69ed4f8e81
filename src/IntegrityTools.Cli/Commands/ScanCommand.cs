using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity scan</c>: finds faults and writes them as found.</summary>
internal static class ScanCommand
{
    public static Verb Create()
    {
        var store = Choices.Store();
        var filters = new ScanFilters();
        var incremental = new Option<bool>("--incremental") { Description = "Only what was changed since the last scan that ended and looked for as much; else all" };
        var failOn = Choices.Code<Severity>("--fail-on", "S", "Exit with 3 when an issue that is not ignored is at least this severe");
        var output = Choices.Output("table", "json", "jsonl", "csv");
        var verb = new Verb(
            "scan",
            "Finds faults in a store. Writes nothing to it.",
            "scan couchdb://localhost:5984/orders --user admin --password-file pw",
            "scan wards --incremental --fail-on medium",
            "scan couchdump:backup.jsonl.gz --min-severity high --output jsonl",
            "scan app.db --type foreign_key_violation --fail-on high") { store, incremental, failOn, output };
        filters.AddTo(verb);
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            ScanReport? report = null;
            var worst = (Severity?)null;
            using var issues = new IssueOutput(session.Terminal, result.GetValue(output));
            var options = filters.Read(result) with
            {
                Store = result.GetValue(store),
                Credential = credential.Read(result),
                Incremental = result.GetValue(incremental),
                Progress = session.Terminal.Progress,
                ReportChanged = changed => report = changed,
            };
            issues.Begin();
            await foreach (var issue in session.Engine.ScanAsync(options, cancellationToken).FlushingAsync(session.Terminal, cancellationToken))
            {
                issues.Write(issue);
                worst = worst is null || issue.Severity > worst ? issue.Severity : worst;
            }

            issues.End(report);
            ScanSummary.Tell(session, report!, allUsual: options.Types.Count == 0);
            return worst >= result.GetValue(failOn) ? ExitCodes.IssuesFound : ExitCodes.Done;
        });
    }
}
