using System.CommandLine;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity reports</c>: what was scanned and what was repaired.</summary>
internal static class ReportsCommand
{
    public static Command Create() => new("reports", "Lists and shows scans and executions, and what they come to.") { List(), Show(), Summary() };

    private static Verb List()
    {
        var store = Choices.ListedStore();
        var all = Choices.AllStores();
        var output = Choices.Output("text", "json");
        var verb = new Verb("list", "Lists scans and executions, newest first.", "reports list", "reports list --all-stores") { store, all, output };
        return verb.Does(async (session, result, cancellationToken) =>
        {
            var (named, every) = (result.GetValue(store), result.GetValue(all));
            ReportOutput.WriteList(
                session.Terminal,
                await session.Engine.ListScansAsync(named, every, cancellationToken).ConfigureAwait(false),
                await session.Engine.ListExecutionsAsync(named, every, cancellationToken).ConfigureAwait(false),
                result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static Verb Show()
    {
        var id = new Argument<string>("ID") { Description = "The id of a scan or an execution" };
        var output = Choices.Output("text", "json");
        return new Verb(
            "show",
            "Shows a scan with its counts, or an execution with its results and what is still to be done.",
            "reports show scan-01hx2v9k3mq7tz4b",
            "reports show exec-01hx2v9k3mq7tz4b --output json") { id, output }.Does(async (session, result, cancellationToken) =>
        {
            var wanted = result.GetValue(id)!;
            var ledger = await session.Engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
            if (await ledger.GetScanAsync(wanted, cancellationToken).ConfigureAwait(false) is { } scan)
            {
                ReportOutput.WriteScan(session, scan, result.GetValue(output));
                return ExitCodes.Done;
            }

            var execution = await ledger.GetExecutionAsync(wanted, cancellationToken).ConfigureAwait(false)
                ?? throw new IntegrityException(ErrorIds.NotFound, $"The ledger has no report '{wanted}'.", wanted, "List them with 'integrity reports list --all-stores'.");
            var results = await ledger.ReadResultsAsync(wanted, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            var pending = await session.Engine.ReadPendingAsync(wanted, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            ReportOutput.WriteExecution(session, execution, results, pending, result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static Verb Summary()
    {
        var store = Choices.ListedStore();
        var all = Choices.AllStores();
        var since = Choices.PastMoment("--since", "From when on: a day, a time, or for how long back (30d); default: all that the ledger has");
        var output = Choices.Output("text", "json");
        return new Verb(
            "summary",
            "Tells what scans and repairs came to: the commonest types, the slowest resolutions, why things failed, and how long they took.",
            "reports summary",
            "reports summary orders --since 30d --output json") { store, all, since, output }.Does(async (session, result, cancellationToken) =>
        {
            var summary = await session.Engine.SummarizeAsync(result.GetValue(store), result.GetValue(since), cancellationToken, result.GetValue(all)).ConfigureAwait(false);
            SummaryOutput.Write(session.Terminal, summary, result.GetValue(output));
            return ExitCodes.Done;
        });
    }
}
