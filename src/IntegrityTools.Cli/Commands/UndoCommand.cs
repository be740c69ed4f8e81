using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity undo</c>: takes an execution back.</summary>
internal static class UndoCommand
{
    public static Verb Create()
    {
        var execution = new Argument<string>("EXECUTION") { Description = "The execution's id" };
        var confirm = Choices.Confirm();
        var to = Choices.Destination();
        var whileOpen = new Option<bool>("--while-open") { Description = "Of a restored SQLite file, on Linux: take it back although another process has it open; what that one writes from then on is lost" };
        var output = Choices.Output("table", "json", "jsonl");
        var verb = new Verb(
            "undo",
            "Takes an execution back; what changed since then is left alone, and the exit code is then 4. A dry run unless --confirm is given.",
            "undo exec-01hx2v9k3mq7tz4b --confirm",
            "undo exec-01hx2v9k3mq7tz4b --confirm --to restored.jsonl") { execution, confirm, to, whileOpen, output };
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var login = credential.Read(result);
            var confirmed = result.GetValue(confirm);
            var id = result.GetValue(execution)!;
            var plan = await session.Engine.PlanUndoAsync(id, login, record: confirmed, cancellationToken).ConfigureAwait(false);
            return await new RepairRun(session, result.GetValue(output), confirmed)
                .RunAsync(plan, new RepairOptions { Destination = result.GetValue(to), Credential = login, WhileOpen = result.GetValue(whileOpen) }, $"undo {id}", cancellationToken)
                .ConfigureAwait(false);
        });
    }
}
