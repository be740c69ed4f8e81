namespace IntegrityTools.Configuration;

/// <summary>One key that integrity.yaml can have, as the code that reads it declares it.</summary>
/// <param name="Path">Its dotted path; NAME stands for a name of one's own, <c>[]</c> for an element of a list.</param>
/// <param name="Type">What its value is.</param>
/// <param name="Default">The default, as it would be written; empty: none.</param>
/// <param name="Description">What it means, one sentence.</param>
public sealed record ConfigurationKey(string Path, string Type, string Default, string Description);
