namespace IntegrityTools.Model;

/// <summary>How many known issues of a store are neither resolved nor ignored.</summary>
/// <param name="Type">Of this type.</param>
/// <param name="Severity">And of this severity.</param>
/// <param name="Count">How many.</param>
public sealed record KnownIssueCount(string Type, Severity Severity, long Count);
