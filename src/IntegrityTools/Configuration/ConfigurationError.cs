namespace IntegrityTools.Configuration;

/// <summary>One error of a configuration file.</summary>
/// <param name="Path">The key's dotted path, such as <c>performance.timeout</c>; empty: the file as a whole.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Message">What is wrong and what was expected, one sentence, no secrets.</param>
/// <param name="Suggestion">The nearest right word, or null.</param>
public sealed record ConfigurationError(string Path, int Line, int Column, string Message, string? Suggestion)
{
    /// <summary>The error in one line, as compilers write them, without the file's name.</summary>
    public override string ToString()
    {
        var key = Path.Length == 0 ? string.Empty : Path + ": ";
        var hint = Suggestion is null ? string.Empty : $" Did you mean '{Suggestion}'?";
        return $"{Line}:{Column}: {key}{Message}{hint}";
    }
}
