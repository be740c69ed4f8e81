using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity repair</c>: runs a plan, or shows what a run would change.</summary>
internal static class RepairCommand
{
    public static Verb Create()
    {
        var plan = new Option<string?>("--plan") { Description = "The plan: its id or its file", HelpName = "ID|FILE" };
        var resume = new Option<string?>("--resume") { Description = "Go on with this execution, which was stopped", HelpName = "ID" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change; this is the default" };
        var confirm = Choices.Confirm();
        var to = Choices.Destination();
        var maximumRisk = Choices.MaximumRisk();
        var accept = new Option<bool>("--accept-changes") { Description = "Take a plan file that was changed by hand; what changed is recorded" };
        var whileOpen = new Option<bool>("--while-open") { Description = "Of a restore or its undo that goes on, SQLite on Linux: replace a file that another process has open; what that one writes from then on is lost" };
        var output = Choices.Output("table", "json", "jsonl");
        var verb = new Verb(
            "repair",
            "Runs a plan. A dry run unless --confirm is given.",
            "repair --plan plan-01hx2v9k3mq7tz4b",
            "repair --plan plan.json --confirm --max-risk low",
            "repair --plan plan-01hx2v9k3mq7tz4b --confirm --to repaired.jsonl",
            "repair --resume exec-01hx2v9k3mq7tz4b --confirm") { plan, resume, dryRun, confirm, to, maximumRisk, accept, whileOpen, output };
        var credential = new CredentialOptions().AddTo(verb);
        verb.Validators.Add(given =>
        {
            if (given.GetResult(plan) is null == given.GetResult(resume) is null)
            {
                given.AddError("Name what to run: either --plan ID|FILE or --resume ID.");
            }

            if (given.GetValue(dryRun) && given.GetValue(confirm))
            {
                given.AddError("--dry-run and --confirm contradict each other.");
            }
        });
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var run = new RepairRun(session, result.GetValue(output), result.GetValue(confirm));
            var options = new RepairOptions
            {
                Destination = result.GetValue(to),
                MaximumRisk = result.GetValue(maximumRisk),
                Credential = credential.Read(result),
                WhileOpen = result.GetValue(whileOpen),
            };
            if (result.GetValue(resume) is { } execution)
            {
                return await run.ResumeAsync(execution, options, cancellationToken).ConfigureAwait(false);
            }

            var named = result.GetValue(plan)!;
            var accepted = result.GetValue(accept);
            var opened = await PlanReference.OpenAsync(session, named, accepted, dryRun: !result.GetValue(confirm), cancellationToken).ConfigureAwait(false);
            var command = $"repair --plan {CommandWords.Argument(named)}{(accepted ? " --accept-changes" : string.Empty)}";
            return await run.RunAsync(opened, options, command, cancellationToken).ConfigureAwait(false);
        });
    }
}
