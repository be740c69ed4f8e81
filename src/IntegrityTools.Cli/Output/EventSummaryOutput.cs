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
        terminal.Write($"{TerminalText.Clean(report.Table)} {verdict}: {Counted.Number(report.Rows)} rows, {Counted.Number(report.Aggregates)} aggregates with events.");
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
            terminal.Note($"{Counted.Number(report.DriftedValues)} values of {Counted.Number(report.DriftedRows)} rows differ; all of them: integrity plan --scan {report.ScanId}");
        }

        if (report.RowsWithoutEvents > 0)
        {
            terminal.Note($"{Counted.Number(report.RowsWithoutEvents)} rows have no events any more: they cannot be checked, and are kept.");
        }

        if (report.RowsWithFewerEvents > 0)
        {
            terminal.Note($"{Counted.Number(report.RowsWithFewerEvents)} rows have lost their oldest events: what only those could tell is kept unchecked.");
        }

        if (!report.Ok)
        {
            var named = definition is null ? string.Empty : $" --definition {ShellWord.Of(definition)}";
            session.Next($"summary {(report.Installed || definition is null ? "update" : "install")} {ShellWord.Of(report.Store)}{named}");
        }
    }
}
