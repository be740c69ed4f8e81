using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A pattern of a schema. One text has a limit of time, and all texts together have one.</summary>
internal sealed class SchemaPattern
{
    private readonly PatternSearch plain;
    private readonly Lazy<PatternSearch> pairs;
    private readonly string text;
    private readonly PatternTime time;

    private SchemaPattern(string text, PatternTime time)
    {
        this.text = text;
        this.time = time;
        plain = new PatternSearch(new PatternTranslation(text, pairs: false).Translate());
        pairs = new(() => new PatternSearch(new PatternTranslation(text, pairs: true).Translate()));
    }

    /// <summary>Compiles a pattern of ECMA 262.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="time">The time of its schema's patterns.</param>
    /// <exception cref="SchemaException">It is none.</exception>
    public static SchemaPattern Of(string pattern, PatternTime time)
    {
        try
        {
            return new SchemaPattern(pattern, time);
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
            // .NET sees two letters in one beyond 16 bits. A half without the other is what a text cut in its middle has; it is one letter like any other.
            var wide = value.AsSpan().ContainsAnyInRange('\ud800', '\udfff');
            var search = wide ? pairs.Value : plain;
            var start = Stopwatch.GetTimestamp();
            var found = search.IsIn(wide ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)) : value);
            time.Add(text, value.Length, Stopwatch.GetElapsedTime(start));
            return found;
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new SchemaException(
                $"the pattern '{text}' takes longer than {exception.MatchTimeout.TotalMilliseconds:0} ms on a text of {value.Length} characters", exception);
        }
    }
}
