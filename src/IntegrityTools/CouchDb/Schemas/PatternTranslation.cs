using System.Globalization;
using System.Text;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Writes a pattern of ECMA 262 (with its flag u, by which a letter beyond 16 bits is one letter) as an expression of .NET.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="pairs">True for texts with letters beyond 16 bits; the expression for the others is simpler and faster.</param>
internal sealed class PatternTranslation(string pattern, bool pairs)
{
    private static readonly CodePoints Digits = CodePoints.Of(('0', '9'));
    private static readonly CodePoints Words = CodePoints.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePoints LineEnds = CodePoints.Of(('\n', '\n'), ('\r', '\r'), ('\u2028', '\u2029'));

    private static readonly CodePoints Spaces = CodePoints.Of(
        ('\t', '\r'), (' ', ' '), ('\u00a0', '\u00a0'), ('\u1680', '\u1680'), ('\u2000', '\u200a'), ('\u2028', '\u2029'), ('\u202f', '\u202f'), ('\u205f', '\u205f'),
        ('\u3000', '\u3000'), ('\ufeff', '\ufeff'));

    private readonly StringBuilder output = new(pattern.Length + 16);
    private int index;

    /// <summary>The expression; whether it is one is for .NET to say.</summary>
    /// <exception cref="ArgumentException">The pattern is none.</exception>
    public string Translate()
    {
        while (index < pattern.Length)
        {
            switch (pattern[index])
            {
                case '[':
                    index++;
                    output.Append(Class().Expression(pairs));
                    break;
                case '.':
                    index++;
                    output.Append(LineEnds.Others().Expression(pairs));
                    break;
                case '$':
                    index++;
                    output.Append("\\z");
                    break;
                case '\\' when index + 1 < pattern.Length:
                    Escape();
                    break;
                default:
                    Literal();
                    break;
            }
        }

        return output.ToString();
    }

    private void Escape()
    {
        if (Set() is { } set)
        {
            output.Append(set.Expression(pairs));
        }
        else if (pattern[index + 1] is 'u' or 'x')
        {
            output.Append(One(Point()));
        }
        else
        {
            output.Append('\\').Append(pattern[index + 1]);
            index += 2;
        }
    }

    // What means something else in a pattern is for .NET to read.
    private void Literal()
    {
        var point = Letter();
        output.Append(point > 0xFFFF ? One(point) : ((char)point).ToString());
    }

    private string One(int point) => CodePoints.Of((point, point)).Expression(pairs);

    private CodePoints Class()
    {
        var sets = new List<CodePoints>();
        var others = Next('^');
        while (!Next(']'))
        {
            if (Set() is { } set)
            {
                sets.Add(set);
                continue;
            }

            var from = Point();
            if (index + 1 < pattern.Length && pattern[index + 1] != ']' && Next('-'))
            {
                if (Set() is { } after)
                {
                    sets.AddRange([CodePoints.Of((from, from), ('-', '-')), after]);
                    continue;
                }

                var to = Point();
                sets.Add(from <= to ? CodePoints.Of((from, to)) : throw new ArgumentException("The ends of a range are in the wrong order."));
            }
            else
            {
                sets.Add(CodePoints.Of((from, from)));
            }
        }

        var union = CodePoints.Union(sets);
        return others ? union.Others() : union;
    }

    private bool Next(char letter)
    {
        var there = index < pattern.Length && pattern[index] == letter;
        index += there ? 1 : 0;
        return there;
    }

    // What stands for many letters, inside a class and outside.
    private CodePoints? Set()
    {
        if (index + 1 >= pattern.Length || pattern[index] != '\\')
        {
            return null;
        }

        var letter = pattern[index + 1];
        CodePoints? set = letter switch
        {
            'd' or 'D' => Digits,
            'w' or 'W' => Words,
            's' or 'S' => Spaces,
            'p' or 'P' when index + 2 < pattern.Length && pattern[index + 2] == '{' && pattern.IndexOf('}', index) is var end and > 0 => Property(end),
            _ => null,
        };
        index += set is null ? 0 : 2;
        return set is not null && char.IsUpper(letter) ? set.Others() : set;
    }

    private CodePoints Property(int end)
    {
        var name = pattern[(index + 3)..end];
        index = end - 1;
        return UnicodeProperties.Of(name) ?? throw new SchemaException($"the pattern '{pattern}' asks for \\p{{{name}}}, which is not known here");
    }

    // One letter, written as itself or escaped.
    private int Point()
    {
        if (!Next('\\'))
        {
            return Letter();
        }

        var letter = Letter();
        switch (letter)
        {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case '0':
                return 0;
            case 'c':
                return Letter() % 32;
            case 'x':
                return Hex(2);
            case 'u' when Next('{'):
                var point = Hex(Math.Max(pattern.IndexOf('}', index) - index, 0));
                index++;
                return point;
            case 'u':
                var first = Hex(4);
                var isPair = first is >= 0xD800 and < 0xDC00 && pattern.AsSpan(index).StartsWith("\\ud", StringComparison.OrdinalIgnoreCase);
                var after = index;
                index += isPair ? 2 : 0;
                var second = isPair ? Hex(4) : 0;
                index = second is >= 0xDC00 ? index : after;
                return second is >= 0xDC00 ? char.ConvertToUtf32((char)first, (char)second) : first;
            default:
                return letter;
        }
    }

    private int Hex(int digits)
    {
        var end = Math.Min(index + digits, pattern.Length);
        var number = int.TryParse(pattern.AsSpan(index, end - index), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && end == index + digits ? value : -1;
        index = end;
        return number is >= 0 and <= CodePoints.Last ? number : throw new ArgumentException("A letter's number is none.");
    }

    private int Letter()
    {
        if (index >= pattern.Length)
        {
            throw new ArgumentException("It ends within a class.");
        }

        var isPair = char.IsHighSurrogate(pattern[index]) && index + 1 < pattern.Length && char.IsLowSurrogate(pattern[index + 1]);
        index += isPair ? 2 : 1;
        return isPair ? char.ConvertToUtf32(pattern[index - 2], pattern[index - 1]) : pattern[index - 1];
    }
}
