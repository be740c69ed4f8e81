using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity summary</c>: tables that triggers keep from events, in SQLite databases.</summary>
internal static class SummaryCommand
{
    public static Command Create() => new("summary", "Summaries of event tables in SQLite databases: installs, tests and updates them.")
    {
        Install(),
        Test(),
        Update(),
    };

    private static Verb Install()
    {
        var definition = Definition("The summary");
        definition.Required = true;
        var view = new Option<bool>("--redefine-view") { Description = "Redefine the definition's view over the table; undo gives the old one back" };
        return Writing(
            "install",
            "Makes a summary's table, indexes and trigger, and fills it from the events. A dry run unless --confirm is given.",
            definition,
            view,
            (session, options, cancellationToken) => session.Engine.Summaries.PlanInstallAsync(options, cancellationToken),
            "summary install app.db --definition healarr",
            "summary install app.db --definition tickets.yaml --redefine-view --confirm");
    }

    private static Verb Update() => Writing(
        "update",
        "Brings a summary back to its events where it differs. A dry run unless --confirm is given.",
        Definition("The summary; left out: those that are installed"),
        null,
        (session, options, cancellationToken) => session.Engine.Summaries.PlanUpdateAsync(options, cancellationToken),
        "summary update app.db",
        "summary update app.db --definition healarr --confirm");

    private static Verb Test()
    {
        var store = Choices.Store();
        var definition = Definition("The summary; left out: those that are installed");
        var output = Choices.Output("text", "json");
        return new Verb(
            "test",
            "Holds a summary against its events. Writes nothing. Exits with 3 when it differs, and with 2 when the database has none and none is named.",
            "summary test app.db",
            "summary test app.db --definition healarr --output json") { store, definition, output }.Does(async (session, result, cancellationToken) =>
        {
            var report = await session.Engine.Summaries.TestAsync(
                new SummaryOptions { Store = result.GetValue(store), Definition = result.GetValue(definition), Progress = session.Terminal.Progress },
                cancellationToken).ConfigureAwait(false);
            EventSummaryOutput.Write(session, report, result.GetValue(definition), result.GetValue(output));
            return report.Ok ? ExitCodes.Done : ExitCodes.IssuesFound;
        });
    }

    private static Option<string?> Definition(string description) => new("--definition")
    {
        Description = $"{description}: a YAML file, or {string.Join(", ", BuiltInSummaries.Names)}",
        HelpName = "FILE|NAME",
        CompletionSources = { BuiltInSummaries.Names.ToArray() },
    };

    private static Verb Writing(
        string name,
        string description,
        Option<string?> definition,
        Option<bool>? view,
        Func<Session, SummaryOptions, CancellationToken, Task<RepairPlan?>> plan,
        params string[] examples)
    {
        var store = Choices.Store();
        var confirm = Choices.Confirm();
        var output = Choices.Output("table", "json", "jsonl");
        var verb = new Verb(name, description, examples) { store, definition, confirm, output };
        if (view is not null)
        {
            verb.Add(view);
        }

        return verb.Does(async (session, result, cancellationToken) =>
        {
            var options = new SummaryOptions
            {
                Store = result.GetValue(store),
                Definition = result.GetValue(definition),
                RedefineView = view is not null && result.GetValue(view),
                Progress = session.Terminal.Progress,
            };
            if (await plan(session, options, cancellationToken).ConfigureAwait(false) is not { } made)
            {
                session.Terminal.Note("Nothing to do: all is as its definition and its events make it.");
                return ExitCodes.Done;
            }

            session.Terminal.Note($"Plan {made.Id}.");
            return await new RepairRun(session, result.GetValue(output), result.GetValue(confirm))
                .RunAsync(made, new RepairOptions(), $"repair --plan {made.Id}", cancellationToken).ConfigureAwait(false);
        });
    }
}
