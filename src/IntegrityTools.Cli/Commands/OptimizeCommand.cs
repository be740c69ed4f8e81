using System.CommandLine;
using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity optimize</c>: maintenance that changes no data.</summary>
internal static class OptimizeCommand
{
    private const int NameColumns = 20;

    public static Verb Create()
    {
        var store = Choices.Store();
        var confirm = Choices.Confirm();
        var force = new Option<bool>("--force") { Description = "Checkpoint beside other processes although the loaded SQLite has the WAL-reset bug: that can damage the database" };
        var output = Choices.Output("text", "json");
        return new Verb(
            "optimize",
            "Gives free pages of a SQLite database back, refreshes the planner's statistics, and moves the -wal into it. A dry run unless --confirm is given.",
            "optimize app.db",
            "optimize app.db --confirm") { store, confirm, force, output }.Does(async (session, result, cancellationToken) =>
        {
            var report = await session.Engine.Maintenance
                .OptimizeAsync(result.GetValue(store), !result.GetValue(confirm), result.GetValue(force), cancellationToken).ConfigureAwait(false);
            Write(session, report, result.GetValue(output));
            return ExitCodes.Done;
        });
    }

    private static void Write(Session session, MaintenanceReport report, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(session.Terminal, writer => JsonSerializer.Serialize(writer, report, ModelJson.Default.MaintenanceReport));
            return;
        }

        foreach (var step in report.Steps)
        {
            var tone = step.Outcome switch { MaintenanceOutcome.Done => Tone.Good, MaintenanceOutcome.Left => Tone.Warning, _ => Tone.Faint };
            var (code, left) = (Codes.Of(step.Outcome), step.Name.PadRight(NameColumns));
            foreach (var line in TerminalText.Wrap($"{code}: {TerminalText.Clean(step.Message)}", session.Terminal.Width - NameColumns ?? int.MaxValue))
            {
                session.Terminal.Write(left + (line.StartsWith(code + ':', StringComparison.Ordinal) ? session.Terminal.Paint(code, tone) + line[code.Length..] : line));
                left = new string(' ', NameColumns);
            }
        }

        if (report.DryRun && report.Steps.Any(step => step.Outcome == MaintenanceOutcome.WouldRun))
        {
            session.Next($"optimize {CommandWords.Argument(report.Store)} --confirm");
        }
    }
}
