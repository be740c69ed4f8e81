using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows how a summary compares with its events.</summary>
internal static class EventSummaryOutput
{
    private const int MostListed = 20;

    public static void Write(Session session, SummaryReport report, string? definition, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => JsonSerializer.Serialize(writer, report, ModelJson.Default.SummaryReport));
            return;
        }

        var verdict = report.Ok ? terminal.Paint("is what its events make it", Tone.Good) : terminal.Paint("differs", Tone.Bad);
        terminal.Write($"{TerminalText.Clean(report.Table)} {verdict}: {Counted.Of(report.Rows, "row")}, {Counted.Of(report.Aggregates, "aggregate")} with events.");
        foreach (var reason in report.Reasons)
        {
            terminal.Write("  " + TerminalText.Clean(reason));
        }

        foreach (var issue in report.Issues.Where(issue => issue.Evidence is SummaryEvidence { Key: not null }).Take(MostListed))
        {
            terminal.Write($"  {TerminalText.Clean(issue.Subject)}: {TerminalText.Clean(issue.Message)}");
        }

        if (report.DriftedValues > MostListed)
        {
            terminal.Note($"{Counted.Of(report.DriftedValues, "value")} of {Counted.Of(report.DriftedRows, "row")} differ; all of them: integrity plan --scan {report.ScanId}");
        }

        if (report.RowsWithoutEvents > 0)
        {
            terminal.Note($"Without events any more, so that nothing can check them, and kept: {Counted.Of(report.RowsWithoutEvents, "row")}.");
        }

        if (report.RowsWithFewerEvents > 0)
        {
            terminal.Note($"Without their oldest events, what only those could tell being kept unchecked: {Counted.Of(report.RowsWithFewerEvents, "row")}.");
        }

        if (!report.Ok)
        {
            var named = definition is null ? string.Empty : $" --definition {CommandWords.Argument(definition)}";
            session.Next($"summary {(report.Installed || definition is null ? "update" : "install")} {CommandWords.Argument(report.Store)}{named}");
        }
    }
}
