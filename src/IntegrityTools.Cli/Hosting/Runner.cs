using System.CommandLine;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>Runs a verb: cancelling, failures and exit codes in one place.</summary>
internal static class Runner
{
    public static async Task<int> RunAsync(ParseResult result, Func<Session, ParseResult, CancellationToken, Task<int>> body)
    {
        using var interrupt = new Interrupt();
        await using var session = new Session(result);
        var code = await RunAsync(session, result, interrupt, body).ConfigureAwait(false);
        session.Terminal.Flush();
        if (session.Terminal.OutputFailure is not { } lost)
        {
            return code;
        }

        session.Terminal.Explain("Error:", $"Standard output could not be written, and what is missing there was discarded: {lost.Message} [OutputFailed]", alarming: true);
        session.Terminal.Explain("  Next:", "What was found and done stands in the ledger: integrity reports list --all-stores");
        return code == ExitCodes.Done ? ExitCodes.Failed : code;
    }

    private static async Task<int> RunAsync(
        Session session, ParseResult result, Interrupt interrupt, Func<Session, ParseResult, CancellationToken, Task<int>> body)
    {
        try
        {
            var code = await body(session, result, interrupt.Token).ConfigureAwait(false);
            await session.CloseAsync().ConfigureAwait(false);
            return code;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            session.Terminal.Complain("Cancelled.");
            session.TellHowToResume();
            return ExitCodes.Cancelled;
        }
        catch (IntegrityException failure)
        {
            Tell(session, failure);
            return ExitCodes.Of(failure);
        }
        catch (Exception failure)
        {
            // Nothing is swallowed: this one was not designed, so say so and show it whole.
            session.Terminal.Complain($"Unexpected failure: {failure}");
            session.Terminal.Complain("  Next: please report this with the command that you ran.");
            return ExitCodes.Failed;
        }
    }

    private static void Tell(Session session, IntegrityException failure)
    {
        var terminal = session.Terminal;
        terminal.Explain("Error:", $"{failure.Message} [{failure.ErrorId}]", alarming: true);
        if (failure.Target is not null)
        {
            terminal.Explain("  On:  ", failure.Target);
        }

        if (failure.NextStep is not null)
        {
            terminal.Explain("  Next:", failure.NextStep);
        }

        session.TellHowToResume();
        for (var cause = failure.InnerException; session.Verbose && cause is not null; cause = cause.InnerException)
        {
            terminal.Complain($"  Cause: {cause}");
        }
    }
}
