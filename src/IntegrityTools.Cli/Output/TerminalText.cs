using System.Globalization;
using System.Text;

namespace IntegrityTools.Cli.Output;

/// <summary>Text as columns of a window. Ids come from other people's data: what could move the cursor is shown as an escape.</summary>
internal static class TerminalText
{
    // The blocks in which every character takes two columns: Hangul Jamo, CJK and its neighbours, Hangul, compatibility forms, full
    // width, emoji, planes 2 and 3.
    private static readonly (int From, int To)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F),
        (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    /// <summary>The text with its control characters written as escapes.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            _ = IsControl(letter) ? clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : clean.Append(letter);
        }

        return clean.ToString();
    }

    /// <summary>The columns that the text takes.</summary>
    public static int Columns(string text) => text.EnumerateRunes().Sum(Columns);

    /// <summary>The text in at most so many columns, with an ellipsis where it was cut.</summary>
    public static string Fit(string text, int columns)
    {
        if (Columns(text) <= columns)
        {
            return text;
        }

        var fitted = new StringBuilder(columns);
        var left = columns - 1;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= Columns(rune);
            if (left < 0)
            {
                break;
            }

            fitted.Append(rune.ToString());
        }

        return fitted.Append('…').ToString();
    }

    /// <summary>The text in exactly so many columns, or longer when <paramref name="cut"/> is false.</summary>
    public static string Pad(string text, int columns, bool cut = true)
    {
        var fitted = cut ? Fit(text, columns) : text;
        return fitted + new string(' ', Math.Max(0, columns - Columns(fitted)));
    }

    /// <summary>The text in lines of at most so many columns, broken between words where that can be.</summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && Columns(line.ToString()) + 1 + Columns(word) > columns)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : string.Empty).Append(word);
        }

        yield return line.ToString();
    }

    private static bool IsControl(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static int Columns(Rune rune)
    {
        if (rune.Value < 0x300)
        {
            return 1;
        }

        var category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        return Wide.Any(block => rune.Value >= block.From && rune.Value <= block.To) ? 2 : 1;
    }
}
