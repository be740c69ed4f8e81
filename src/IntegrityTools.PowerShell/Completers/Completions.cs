using System.Management.Automation;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Filters and writes completions the same way for all parameters.</summary>
internal static class Completions
{
    /// <summary>The candidates that begin with, or hold, what was typed.</summary>
    /// <param name="candidates">Each text with its tooltip.</param>
    /// <param name="typed">What was typed so far.</param>
    public static IEnumerable<CompletionResult> Of(IEnumerable<(string Text, string Tooltip)> candidates, string typed)
    {
        var word = Plain(typed.Trim('\'', '"'));
        return candidates
            .Where(candidate => Plain(candidate.Text).Contains(word, StringComparison.OrdinalIgnoreCase))
            .OrderBy(candidate => !Plain(candidate.Text).StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(candidate => new CompletionResult(
                Quoted(candidate.Text), candidate.Text, CompletionResultType.ParameterValue, candidate.Tooltip));
    }

    private static string Plain(string text) => text.Replace("_", string.Empty, StringComparison.Ordinal).TrimEnd('*');

    private static string Quoted(string text) =>
        text.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/' or ':' or '\\')
            ? text
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
