using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity salvage</c>: what is left of a damaged SQLite file, as a new one.</summary>
internal static class SalvageCommand
{
    public static Verb Create()
    {
        var file = new Argument<string>("FILE") { Description = "The damaged SQLite database; it is only read" };
        var to = new Option<string>("--to") { Description = "The new database", HelpName = "NEW.db", Required = true };
        var schema = new Option<string?>("--schema") { Description = "SQL, a sound database or a backup, for tables whose definition is lost", HelpName = "FILE" };
        var deleted = new Option<bool>("--deleted") { Description = "Put deleted rows that are still there into a table of their own" };
        var wal = Choices.Code<LogUse>("--wal", "USE", "What of a -wal beside the file counts; default: committed");
        var journal = Choices.Code<LogUse>("--journal", "USE", "What of a rollback journal beside the file counts; default: committed, and nothing of one that may be another database's");
        var overwrite = Choices.Overwrite();
        var output = Choices.Output("table", "json");
        return new Verb(
            "salvage",
            "Reads a damaged SQLite file without SQLite and writes what is left of it to a new one.",
            "salvage app.db --to salvaged.db",
            "salvage app.db --to salvaged.db --schema schema.sql --deleted --output json") { file, to, overwrite, schema, deleted, wal, journal, output }.Does(async (session, result, cancellationToken) =>
        {
            var options = new SalvageOptions
            {
                Path = Path.GetFullPath(result.GetRequiredValue(file)),
                Destination = Path.GetFullPath(result.GetRequiredValue(to)),
                SchemaPath = result.GetValue(schema),
                Overwrite = result.GetValue(overwrite),
                Deleted = result.GetValue(deleted),
                Wal = result.GetValue(wal) ?? LogUse.Committed,
                Journal = result.GetValue(journal) ?? LogUse.Committed,
                Progress = session.Terminal.Progress,
            };
            SalvageOutput.Write(session.Terminal, await session.Engine.SalvageAsync(options, cancellationToken).ConfigureAwait(false), result.GetValue(output));
            return ExitCodes.Done;
        });
    }
}
