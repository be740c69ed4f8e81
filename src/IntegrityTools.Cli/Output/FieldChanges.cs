using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Differences of fields, <c>path: old → new</c>; on two lines where one is too narrow.</summary>
internal static class FieldChanges
{
    private const string Indent = "    ";

    public static void Write(Terminal terminal, IReadOnlyList<FieldChange> changes)
    {
        foreach (var change in changes)
        {
            var path = TerminalText.Clean(change.Path);
            var old = TerminalText.Clean(change.Old ?? "(absent)");
            var now = TerminalText.Clean(change.New ?? "(removed)");
            if (terminal.Width is not { } width || TerminalText.Columns(path + old + now) + Indent.Length + 5 <= width)
            {
                terminal.Write($"{Indent}{path}: {terminal.Paint(old, Tone.Bad)} → {terminal.Paint(now, Tone.Good)}");
            }
            else
            {
                terminal.Write($"{Indent}{TerminalText.Fit(path, width - Indent.Length - 1)}:");
                terminal.Write($"{Indent}  {terminal.Paint("- " + TerminalText.Fit(old, width - Indent.Length - 4), Tone.Bad)}");
                terminal.Write($"{Indent}  {terminal.Paint("+ " + TerminalText.Fit(now, width - Indent.Length - 4), Tone.Good)}");
            }
        }
    }
}
