using System.CommandLine;
using IntegrityTools.Backups;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity backup</c>: saves a store, tests and lists backups.</summary>
internal static class BackupCommand
{
    public static Verb Create()
    {
        var store = Choices.Store();
        var to = new Option<string?>("--to") { Description = "The folder for the backup; left out: the one that is configured for the store", HelpName = "DIR" };
        var type = Choices.BackupType();
        var incremental = new Option<bool>("--incremental") { Description = "Only what changed since the newest good backup in the folder; a full one once the last full one is as old as --keep-days (--keep-daily, if more)" };
        var local = new Option<bool>("--local") { Description = "CouchDB: with _local documents (checkpoints of replications)" };
        var plain = new Option<bool>("--no-compress") { Description = "CouchDB: do not compress" };
        var force = new Option<bool>("--force") { Description = "SQLite: a database that fails its check is copied as forensic evidence" };
        var retention = new RetentionOptions();
        var output = Choices.Output("text", "json");
        var verb = new Verb(
            "backup",
            "Saves a whole store, reads the backup back, and removes expired ones when it is whole. Writes nothing to the store.",
            "backup couchdb://localhost:5984/orders --to backups --user admin --password-file pw",
            "backup orders --to backups --incremental --keep-days 30 --keep-monthly 12",
            "backup app.db --to backups",
            "backup --type configuration --to backups",
            "backup test backups") { store, to, type, incremental, local, plain, force, output };
        retention.AddTo(verb);
        var credential = new CredentialOptions().AddTo(verb);
        verb.Add(Test());
        verb.Add(List());
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var removed = new List<BackupManifest>();
            var made = await session.Engine.Backups.CreateAsync(
                new BackupOptions
                {
                    Type = result.GetValue(type) ?? BackupType.Store,
                    Store = result.GetValue(store),
                    Credential = credential.Read(result),
                    Folder = result.GetValue(to),
                    Incremental = result.GetValue(incremental),
                    IncludeLocal = result.GetValue(local),
                    Compress = !result.GetValue(plain),
                    Force = result.GetValue(force),
                    Retention = retention.Read(result),
                    Progress = session.Terminal.Progress,
                    Removed = removed.Add,
                },
                cancellationToken).ConfigureAwait(false);
            BackupOutput.Write(session, made, removed, result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static Verb Test()
    {
        var backup = Choices.Backup();
        var server = new Option<string?>("--on")
        {
            Description = "CouchDB: restore into a scratch database on this store's server; without it into a scratch file",
            HelpName = "STORE",
        };
        var output = Choices.Output("text", "json");
        var verb = new Verb(
            "test",
            "Checks every byte of a backup, restores it elsewhere and scans it there. Exits with 1 when it is damaged.",
            "backup test backups",
            "backup test backups/orders-20260101T020000000Z.manifest.json --on couchdb://localhost:5984/orders") { backup, server, output };
        var credential = new CredentialOptions().AddTo(verb);
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var verification = await session.Engine.Backups
                .TestAsync(result.GetValue(backup)!, result.GetValue(server), credential.Read(result), cancellationToken).ConfigureAwait(false);
            BackupOutput.Write(session, verification, result.GetValue(output));
            return verification.Ok ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static Verb List()
    {
        var folder = new Argument<string?>("DIR") { Description = "A folder of backups; left out: those that the ledger knows", Arity = ArgumentArity.ZeroOrOne };
        var output = Choices.Output("table", "json");
        return new Verb("list", "Lists backups, newest first.", "backup list backups", "backup list --output json") { folder, output }
            .Does(async (session, result, cancellationToken) =>
            {
                BackupOutput.Write(
                    session.Terminal, await session.Engine.Backups.ListAsync(result.GetValue(folder), cancellationToken).ConfigureAwait(false), result.GetValue(output));
                return ExitCodes.Done;
            });
    }
}
