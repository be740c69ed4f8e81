using System.Globalization;

namespace IntegrityTools.Model;

/// <summary>How often a type of issue is known.</summary>
/// <param name="Type">The type's code.</param>
/// <param name="Count">Known issues of it.</param>
/// <param name="Resolved">Those of them that are resolved.</param>
public sealed record IssueTypeCount(string Type, long Count, long Resolved)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} {Type}, {Resolved} resolved");
}
