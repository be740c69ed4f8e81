namespace IntegrityTools.Model;

/// <summary>Evidence of a setting, a version or a piece of schema that is a risk or a cost.</summary>
/// <param name="Name">The setting, the view, the table or the library.</param>
/// <param name="Value">Its value; null when it is not known.</param>
/// <param name="Wanted">What would be right, when there is one such value.</param>
/// <param name="Detail">Why it matters.</param>
public sealed record SettingEvidence(string Name, string? Value, string? Wanted, string Detail) : IssueEvidence;
