namespace IntegrityTools.Bench;

/// <summary>One program to run as a whole process.</summary>
/// <param name="Program">Its path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Output">The file that takes its standard output; null: discarded.</param>
/// <param name="Environment">Variables to add.</param>
internal sealed record Command(
    string Program,
    IReadOnlyList<string> Arguments,
    string? Output = null,
    IReadOnlyDictionary<string, string>? Environment = null)
{
    /// <summary>How a person would type it.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Path.GetFileName(Program) }.Concat(Arguments.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument)));
}
