using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity issues</c>: what is known of issues, whichever scan found them.</summary>
internal static class IssuesCommand
{
    public static Command Create() => new("issues", "Lists, ignores and reopens the issues that scans have found.") { List(), Ignore(), Reopen() };

    private static Verb List()
    {
        var store = Choices.ListedStore();
        var all = Choices.AllStores();
        var status = Choices.CodeList<IssueStatus>("--status", "S,…", "Only these; default: open,planned,reopened");
        var filters = new ScanFilters();
        var output = Choices.Output("table", "json", "jsonl");
        var verb = new Verb(
            "list",
            "Lists the known issues, the worst first: as each was last found, and how far it has come.",
            "issues list orders --type conflicts --min-severity high",
            "issues list --all-stores --status ignored --output json") { store, all, status, output };
        filters.AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var issues = session.Engine.Issues.ListAsync(
                filters.Read(result) with { Store = result.GetValue(store) }, result.GetValue(status)!, cancellationToken, result.GetValue(all));
            await KnownIssueOutput.WriteAsync(session, issues, result.GetValue(output), cancellationToken).ConfigureAwait(false);
            return ExitCodes.Done;
        });
    }

    private static Verb Ignore()
    {
        var ids = Ids();
        var reason = new Option<string>("--reason") { Description = "Why, for whoever comes later", HelpName = "TEXT", Required = true };
        var until = Choices.Moment("--until", "Until when: a day, a time, or for how long (30d); after it the issue is reopened");
        until.Required = true;
        return new Verb(
            "ignore",
            "Ignores issues until a day: scans and plans leave them out, and they do not count for --fail-on. 'issues reopen' takes it back.",
            "issues ignore issue-01cd95087e9ca06a8b1f --reason 'Both are meant' --until 2027-01-31",
            "issues ignore issue-01cd95087e9ca06a8b1f --reason 'Waits for the vendor' --until 30d") { ids, reason, until }
            .Does(async (session, result, cancellationToken) =>
            {
                var issues = await session.Engine.Issues
                    .IgnoreAsync(result.GetValue(ids)!, result.GetValue(reason)!, result.GetValue(until)!.Value, cancellationToken).ConfigureAwait(false);
                session.Terminal.Note($"{Counted.Of(issues.Count, "issue")} ignored until {Durations.Of(issues[0].Until!.Value)}.");
                return ExitCodes.Done;
            });
    }

    private static Verb Reopen()
    {
        var ids = Ids();
        var reason = new Option<string?>("--reason") { Description = "Why, for whoever comes later", HelpName = "TEXT" };
        return new Verb(
            "reopen",
            "Takes ignoring back; wants issues dealt with that were planned or resolved.",
            "issues reopen issue-01cd95087e9ca06a8b1f") { ids, reason }
            .Does(async (session, result, cancellationToken) =>
            {
                var issues = await session.Engine.Issues.ReopenAsync(result.GetValue(ids)!, result.GetValue(reason), cancellationToken).ConfigureAwait(false);
                session.Terminal.Note($"{Counted.Of(issues.Count, "issue")} to be dealt with.");
                return ExitCodes.Done;
            });
    }

    private static Argument<string[]> Ids() => new("ID") { Description = "The issues' ids", Arity = ArgumentArity.OneOrMore };
}
