using System.CommandLine;
using IntegrityTools.Backups;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity restore</c>: gives a store back from a backup.</summary>
internal static class RestoreCommand
{
    public static Verb Create()
    {
        var backup = Choices.Backup();
        var to = new Option<string?>("--to") { Description = "The store to restore into; left out: the one that was backed up", HelpName = "STORE" };
        var subjects = Choices.Subjects();
        var overwrite = new Option<bool>("--overwrite") { Description = "Overwrite what is newer than the backup; it is saved first" };
        var skip = new Option<bool>("--skip-damaged") { Description = "Restore the rest of another program's dump of which some lines cannot be read; they are listed, and the exit code is 3" };
        var whileOpen = new Option<bool>("--while-open") { Description = "SQLite on Linux: replace a file that another process has open; what that one writes from then on is lost" };
        var confirm = Choices.Confirm();
        var output = Choices.Output("text", "json");
        var verb = new Verb(
            "restore",
            "Restores a backup, once every byte of it was checked. A dry run unless --confirm is given. Exits with 4 when something was left alone, since it is newer or others changed it meanwhile. 'integrity undo' takes it back.",
            "restore backups --to couchdb://localhost:5984/orders_restored --confirm",
            "restore backups/orders-20260101T020000000Z.manifest.json --subject order-17 --overwrite --confirm",
            "restore backups --to app.db --overwrite --confirm") { backup, to, subjects, overwrite, whileOpen, skip, confirm, output };
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var report = await session.Engine.Backups.RestoreAsync(
                new RestoreOptions
                {
                    Backup = result.GetValue(backup)!,
                    Store = result.GetValue(to),
                    Credential = credential.Read(result),
                    Subjects = result.GetValue(subjects) ?? [],
                    Overwrite = result.GetValue(overwrite),
                    SkipDamaged = result.GetValue(skip),
                    WhileOpen = result.GetValue(whileOpen),
                    DryRun = !result.GetValue(confirm),
                    ExecutionChanged = execution => session.Execution = execution,
                    Progress = session.Terminal.Progress,
                },
                cancellationToken).ConfigureAwait(false);
            BackupOutput.Write(session, report, result.GetValue(output));
            return report.Failed.Count > 0 ? ExitCodes.Failed
                : report.Damaged.Count > 0 ? ExitCodes.IssuesFound
                : report.Changed.Count > 0 || (report.Newer.Count > 0 && !report.Overwritten) ? ExitCodes.Refused
                : ExitCodes.Done;
        });
    }
}
