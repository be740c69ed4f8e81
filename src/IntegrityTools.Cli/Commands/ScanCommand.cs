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
        var partition = new Option<string?>("--partition") { Description = "Only this partition of a partitioned database", HelpName = "P" };
        var shared = new Option<string?>("--shared") { Description = "Take part in the scan of that name, or begin it: each process does parts that no other does, on as many machines as you like", HelpName = "NAME" };
        var resume = new Option<string?>("--resume") { Description = "Go on with a scan that was cut, with all that it was asked for", HelpName = "SCAN" };
        var failOn = Choices.Code<Severity>("--fail-on", "S", "Exit with 3 when an issue that is not ignored is at least this severe");
        var output = Choices.Output("table", "json", "jsonl", "csv");
        var verb = new Verb(
            "scan",
            "Finds faults in a store. Writes nothing to it, but for the _local documents of a scan that is --shared.",
            "scan couchdb://localhost:5984/orders --user admin --password-file pw",
            "scan wards --incremental --fail-on medium",
            "scan wards --shared nightly --type validation",
            "scan --resume scan-01hx2v9k3mq7tz4b",
            "scan couchdump:backup.jsonl.gz --min-severity high --output jsonl",
            "scan app.db --type foreign_key_violation --fail-on high") { store, incremental, partition, shared, resume, failOn, output };
        filters.AddTo(verb);
        var limits = new LimitOptions().AddTo(verb);
        var credential = new CredentialOptions().AddTo(verb);
        Option[] fixedAtBeginning = [incremental, partition, shared, .. filters.All];
        verb.Validators.Add(given =>
        {
            if (given.GetResult(resume) is not null && (given.GetValue(store) is not null || Array.Exists(fixedAtBeginning, option => given.GetResult(option) is { Implicit: false })))
            {
                given.AddError("A scan that goes on has its store and all that it was asked for: leave STORE and the filters out beside --resume.");
            }
        });
        return verb.Does(async (session, result, cancellationToken) =>
        {
            ScanReport? report = null;
            using var issues = new IssueOutput(session.Terminal, result.GetValue(output));
            var options = filters.Read(result) with
            {
                Store = result.GetValue(store),
                Credential = credential.Read(result),
                Incremental = result.GetValue(incremental),
                Partition = result.GetValue(partition),
                Shared = result.GetValue(shared),
                Resume = result.GetValue(resume),
                Limits = limits.Read(result),
                Progress = session.Terminal.Progress,
                ReportChanged = changed => session.Scan = report = changed,
            };
            issues.Begin();
            await foreach (var issue in session.Engine.ScanAsync(options, cancellationToken).FlushingAsync(session.Terminal, cancellationToken))
            {
                issues.Write(issue);
            }

            issues.End(report);
            ScanSummary.Tell(session, report!, allUsual: options.Types.Count == 0);
            return report!.WorstSeverity() >= result.GetValue(failOn) ? ExitCodes.IssuesFound : ExitCodes.Done;
        });
    }
}
