using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>A configuration file is refused: with all of its errors at once.</summary>
public sealed class ConfigurationException : IntegrityException
{
    /// <summary>Refuses a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="errors">Its errors; at least one.</param>
    /// <param name="innerException">The parser's own failure, when it was one.</param>
    public ConfigurationException(string file, IReadOnlyList<ConfigurationError> errors, Exception? innerException = null)
        : base(ErrorIds.InvalidConfiguration, Describe(file, errors), file, NextStepFor(errors), innerException)
    {
        Errors = errors;
    }

    /// <summary>The errors, in the file's order.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }

    private static string Describe(string file, IReadOnlyList<ConfigurationError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var head = $"The configuration has {(errors.Count == 1 ? "an error" : Counted.Of(errors.Count, "error"))}:";
        return string.Join('\n', errors.Select(error => $"{file}:{error}").Prepend(head));
    }

    private static string NextStepFor(IReadOnlyList<ConfigurationError> errors) =>
        errors.Count == 1 ? "Correct that line." : "Correct those lines.";
}
