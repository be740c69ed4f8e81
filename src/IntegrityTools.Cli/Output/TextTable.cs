namespace IntegrityTools.Cli.Output;

/// <summary>
/// A short table: columns as wide as what is in them. The last one is cut from its beginning, where paths differ least, and goes on a
/// line of its own in a window that has no room for it.
/// </summary>
internal static class TextTable
{
    private const string Gap = "  ";
    private const int LeastRoom = 24;

    public static void Write(Terminal terminal, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.Select(row => row.Select(TerminalText.Clean).ToArray()).ToList();
        var widths = head[..^1].Select((title, column) => all.Select(row => TerminalText.Columns(row[column])).Append(title.Length).Max()).ToArray();
        var room = terminal.Width - widths.Sum(width => width + Gap.Length);
        var beside = room is null or >= LeastRoom;
        terminal.Write(terminal.Paint(Line(head, widths) + (beside ? Gap + head[^1] : string.Empty), Tone.Strong));
        foreach (var row in all)
        {
            var line = Line(row, widths);
            terminal.Write(beside ? line + Gap + End(row[^1], room) : line.TrimEnd());
            if (!beside)
            {
                terminal.Write(terminal.Paint(Gap + End(row[^1], terminal.Width - Gap.Length), Tone.Faint));
            }
        }
    }

    private static string Line(string[] cells, int[] widths) =>
        string.Join(Gap, cells[..^1].Select((cell, column) => TerminalText.Pad(cell, widths[column])));

    private static string End(string text, int? columns)
    {
        if (columns is null || TerminalText.Columns(text) <= columns)
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
