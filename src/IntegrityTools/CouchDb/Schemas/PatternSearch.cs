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
    private readonly TimedRegex? timed;
    private readonly TimedRegex backtracking;

    /// <summary>Compiles an expression of .NET.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public PatternSearch(string expression)
    {
        backtracking = new TimedRegex(expression, RegexOptions.CultureInvariant);
        try
        {
            quick = new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout);
            timed = new TimedRegex($"(?:{expression})|{End}\\Z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, limit: 500);
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

    // .NET 10 that matches without backtracking and with a limit errs twice in a long text. Where it looks at the time it takes one letter twice, but not with a
    // \Z in the expression. And when there are too many states to keep, it gives up in silence 1,000 letters on: then it does not come to an end that is there.
    private bool IsInLong(string text) => timed!.IsMatch(text) || (!timed.IsMatch(text + End) && backtracking.IsMatch(text));
}
