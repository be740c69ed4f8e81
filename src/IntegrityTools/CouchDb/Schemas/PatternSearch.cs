using System.Text.RegularExpressions;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>
/// Looks for a regular expression in texts: without backtracking, in time that grows with the text alone; with backtracking and a limit of time where it needs
/// that (a look-ahead, a back-reference). For a long text there is a limit of time in either case, since a large pattern may take microseconds for each character.
/// </summary>
internal sealed class PatternSearch
{
    // No text ends so: half letters, of which a text has none.
    private const string End = "\ud800\ud800";

    // Up to here the largest pattern takes parts of a second.
    private const int LongText = 10_000;
    private readonly Regex? quick;
    private readonly Lazy<TimedRegex>? timed; // Few texts are long.
    private readonly TimedRegex backtracking;

    /// <summary>Compiles an expression of .NET.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public PatternSearch(string expression)
    {
        backtracking = new TimedRegex(expression, RegexOptions.CultureInvariant);
        try
        {
            // Without a \Z .NET 10 errs twice: where it looks at the time it takes one letter twice, and with many kinds of letters it does not know a line's end in the last place.
            var marked = $"(?:{expression})|{End}\\Z";
            quick = new Regex(marked, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout);
            timed = new Lazy<TimedRegex>(() => new TimedRegex(marked, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, limit: 500));
        }
        catch (NotSupportedException)
        {
            quick = null;
        }
    }

    /// <summary>True when it is found anywhere in the text.</summary>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public bool IsIn(string text)
    {
        if (quick is null)
        {
            return backtracking.IsMatch(text);
        }

        return text.Length > LongText ? IsInLong(text) : quick.IsMatch(text);
    }

    // With a limit, and more states than it keeps, .NET 10 gives up in silence 1,000 letters on: it does not come to an end that is there, and backtracking has to tell.
    private bool IsInLong(string text) => timed!.Value.IsMatch(text) || (!timed.Value.IsMatch(text + End) && backtracking.IsMatch(text));
}
