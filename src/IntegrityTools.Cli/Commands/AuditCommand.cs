using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Ledger;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity audit</c>: the ledger's chain of events.</summary>
internal static class AuditCommand
{
    private const int UsualLimit = 50;

    public static Command Create() => new("audit", "Verifies and shows the ledger's events.") { Verify(), Show() };

    private static Verb Verify()
    {
        var output = Choices.Output("text", "json");
        return new Verb(
            "verify",
            "Checks that no event was changed, removed or inserted; exits with 1 and names each fault's event otherwise.",
            "audit verify") { output }.Does(async (session, result, cancellationToken) =>
        {
            var ledger = await session.Engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
            var verification = await ledger.VerifyAsync(cancellationToken).ConfigureAwait(false);
            AuditOutput.WriteVerification(session.Terminal, verification, result.GetValue(output));
            return verification.Ok ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static Verb Show()
    {
        var after = new Option<long>("--after") { Description = "Only events after this number", HelpName = "N" };
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many",
            HelpName = "N",
            DefaultValueFactory = _ => UsualLimit,
        };
        var output = Choices.Output("text", "jsonl");
        var verb = new Verb("show", "Shows events in their order.", "audit show --limit 20", "audit show --after 100 --output jsonl")
        {
            after, limit, output,
        };
        return verb.Does(async (session, result, cancellationToken) =>
            {
                var ledger = await session.Engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
                var query = new LedgerQuery { After = result.GetValue(after), Limit = result.GetValue(limit) };
                using var events = new AuditOutput(session.Terminal, result.GetValue(output));
                await foreach (var entry in ledger.ReadEventsAsync(query, cancellationToken).ConfigureAwait(false))
                {
                    events.Write(entry);
                }

                return ExitCodes.Done;
            });
    }
}
