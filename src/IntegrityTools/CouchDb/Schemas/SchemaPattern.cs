using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A pattern of a schema. One text has a limit of time, and all texts together have one.</summary>
internal sealed class SchemaPattern
{
    private readonly PatternSearch search;
    private readonly string text;
    private readonly PatternTime time;

    private SchemaPattern(string text, PatternSearch search, PatternTime time)
    {
        this.text = text;
        this.time = time;
        this.search = search;
    }

    /// <summary>Compiles a pattern of ECMA 262.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="time">The time of its schema's patterns.</param>
    /// <exception cref="SchemaException">It is none.</exception>
    public static SchemaPattern Of(string pattern, PatternTime time)
    {
        try
        {
            return new SchemaPattern(pattern, new PatternSearch(Translate(pattern)), time);
        }
        catch (ArgumentException exception)
        {
            throw new SchemaException($"the pattern '{pattern}' is no regular expression", exception);
        }
    }

    /// <summary>True when the pattern is found anywhere in the text.</summary>
    /// <exception cref="SchemaException">It takes too long, for this text or for all so far.</exception>
    public bool IsIn(string value)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            var found = search.IsIn(value);
            time.Add(text, value.Length, Stopwatch.GetElapsedTime(start));
            return found;
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new SchemaException(
                $"the pattern '{text}' takes longer than {exception.MatchTimeout.TotalMilliseconds:0} ms on a text of {value.Length} characters", exception);
        }
    }

    // What ECMA 262 and .NET write alike but mean differently.
    private static string Translate(string pattern)
    {
        var output = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var index = 0; index < pattern.Length; index++)
        {
            var letter = pattern[index];
            if (letter == '\\' && index + 1 < pattern.Length)
            {
                index = Escape(pattern, index + 1, inClass, output);
            }
            else if (letter == '$' && !inClass)
            {
                output.Append("\\z");
            }
            else if (letter == '[' && inClass)
            {
                output.Append("\\[");
            }
            else
            {
                inClass = letter == '[' || (inClass && letter != ']');
                output.Append(letter);
            }
        }

        return output.ToString();
    }

    private static int Escape(string pattern, int index, bool inClass, StringBuilder output)
    {
        const string Space = "\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
        switch (pattern[index])
        {
            case 'd':
                output.Append(inClass ? "0-9" : "[0-9]");
                return index;
            case 'D' when !inClass:
                output.Append("[^0-9]");
                return index;
            case 'w':
                output.Append(inClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]");
                return index;
            case 'W' when !inClass:
                output.Append("[^A-Za-z0-9_]");
                return index;
            case 's':
                output.Append(inClass ? Space : $"[{Space}]");
                return index;
            case 'S' when !inClass:
                output.Append($"[^{Space}]");
                return index;
            case 'p' or 'P' when pattern.AsSpan(index + 1).StartsWith("{", StringComparison.Ordinal) && pattern.IndexOf('}', index) is var end and > 0:
                output.Append('\\').Append(pattern[index]).Append('{').Append(Category(pattern[(index + 2)..end])).Append('}');
                return end;
            default:
                output.Append('\\').Append(pattern[index]);
                return index;
        }
    }

    private static string Category(string name) => name switch
    {
        "Letter" => "L",
        "Uppercase_Letter" => "Lu",
        "Lowercase_Letter" => "Ll",
        "Number" => "N",
        "Decimal_Number" or "digit" => "Nd",
        "Punctuation" => "P",
        "Symbol" => "S",
        "Separator" => "Z",
        "Mark" => "M",
        _ => name,
    };
}
