using System.Text.RegularExpressions;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>
/// A regular expression with a limit of time for each text. A text that reaches it is tried once more, with patience: a process that waits for its processor
/// reaches the limit with expressions that are not slow.
/// </summary>
/// <param name="expression">The expression.</param>
/// <param name="options">How it is matched.</param>
/// <param name="limit">The first limit in milliseconds.</param>
/// <param name="patience">The second one, in milliseconds.</param>
internal sealed class TimedRegex(string expression, RegexOptions options, int limit = 100, int patience = 500)
{
    private readonly Regex regex = new(expression, options, TimeSpan.FromMilliseconds(limit));

    /// <summary>True when it is found anywhere in the text.</summary>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public bool IsMatch(string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return new Regex(expression, options, TimeSpan.FromMilliseconds(patience)).IsMatch(text);
        }
    }
}
