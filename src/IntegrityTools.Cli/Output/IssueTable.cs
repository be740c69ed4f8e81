using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Issues as rows, written as found: columns have fixed widths, so that no row waits for the last.</summary>
internal sealed class IssueTable(Terminal terminal)
{
    private const int SeverityWidth = 8;
    private const int TypeWidth = 21;
    private const int LeavesWidth = 6;
    private const int AutoWidth = 4;
    private const int Gaps = 4;

    // From here on the message has room beside the rest; in a smaller window it goes on a line of its own.
    private const int OneLine = 140;
    private const int SubjectWidth = 36;

    private bool begun;
    private bool hasLeaves;

    /// <summary>Writes an issue, after the head when it is the first.</summary>
    public void Write(IntegrityIssue issue)
    {
        if (!begun)
        {
            begun = true;
            hasLeaves = !issue.Store.StartsWith("sqlite:", StringComparison.Ordinal);
            terminal.Write(terminal.Paint(Row("SEVERITY", "SUBJECT", "TYPE", "LEAVES", "AUTO", OnOneLine ? " MESSAGE" : string.Empty), Tone.Strong));
        }

        var severity = Codes.Of(issue.Severity);
        var leaves = (issue.Evidence as ConflictEvidence)?.Leaves.Count.ToString(CultureInfo.InvariantCulture) ?? "-";
        var message = TerminalText.Clean(issue.Message);
        var auto = issue.CanAutoResolve ? "yes" : "no";
        var row = Row(severity, TerminalText.Clean(issue.Subject), issue.Type, leaves, auto, OnOneLine ? " " + message : string.Empty);
        terminal.Write(terminal.Paint(row[..SeverityWidth], ToneOf(issue.Severity)) + row[SeverityWidth..]);
        if (!OnOneLine)
        {
            var indent = new string(' ', SeverityWidth + 1);
            terminal.Write(terminal.Paint(indent + TerminalText.Fit(message, terminal.Width!.Value - indent.Length), Tone.Faint));
        }
    }

    /// <summary>The colour of a severity.</summary>
    public static Tone ToneOf(Severity severity) => severity switch
    {
        Severity.Critical => Tone.Alarm,
        Severity.High => Tone.Bad,
        Severity.Medium => Tone.Warning,
        _ => Tone.Plain,
    };

    private bool OnOneLine => terminal.Width is null or >= OneLine;

    private string Row(string severity, string subject, string type, string leaves, string auto, string message)
    {
        var width = terminal.Width;
        var subjectWidth = OnOneLine ? SubjectWidth : Math.Max(16, width!.Value - SeverityWidth - TypeWidth - (hasLeaves ? LeavesWidth + 1 : 0) - AutoWidth - Gaps + 1);
        var row = $"{TerminalText.Pad(severity, SeverityWidth)} {TerminalText.Pad(subject, subjectWidth, width is not null)} "
            + $"{TerminalText.Pad(type, TypeWidth, cut: false)} {(hasLeaves ? $"{leaves,LeavesWidth} " : string.Empty)}{auto,AutoWidth}{message}";
        return width is null ? row.TrimEnd() : TerminalText.Fit(row.TrimEnd(), width.Value);
    }
}
