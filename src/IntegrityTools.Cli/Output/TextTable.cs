namespace IntegrityTools.Cli.Output;

/// <summary>A short table: columns as wide as what is in them, the last one cut at the window's edge from its beginning, where paths differ least.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    public static void Write(Terminal terminal, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.Select(row => row.Select(TerminalText.Clean).ToArray()).ToList();
        var widths = head.Select((title, column) => all.Select(row => TerminalText.Columns(row[column])).Append(title.Length).Max()).ToArray();
        if (terminal.Width is { } width)
        {
            var others = widths[..^1].Sum() + (Gap.Length * (widths.Length - 1));
            widths[^1] = Math.Max(head[^1].Length, Math.Min(widths[^1], width - others));
        }

        terminal.Write(terminal.Paint(Line(head, widths), Tone.Strong));
        foreach (var row in all)
        {
            terminal.Write(Line(row, widths));
        }
    }

    private static string Line(string[] cells, int[] widths) => string.Join(
        Gap, cells.Select((cell, column) => column == cells.Length - 1 ? End(cell, widths[column]) : TerminalText.Pad(cell, widths[column]))).TrimEnd();

    private static string End(string text, int columns)
    {
        if (TerminalText.Columns(text) <= columns)
        {
            return text;
        }

        var cut = text;
        while (TerminalText.Columns(cut) > columns - 1)
        {
            cut = cut[(char.IsHighSurrogate(cut[0]) ? 2 : 1)..];
        }

        return '…' + cut;
    }
}
