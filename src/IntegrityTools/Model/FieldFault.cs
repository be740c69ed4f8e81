namespace IntegrityTools.Model;

/// <summary>One fault in a document.</summary>
/// <param name="Path">Where, such as <c>dependsOn[2]</c>; <c>$</c> is the document itself.</param>
/// <param name="Rule">The rule that says so: a configured path such as <c>dependsOn[]</c>, or a keyword of JSON Schema.</param>
/// <param name="Expected">What should stand there, in words.</param>
/// <param name="Found">What stands there as JSON text, shortened for display; null when nothing does.</param>
public sealed record FieldFault(string Path, string Rule, string Expected, string? Found);
