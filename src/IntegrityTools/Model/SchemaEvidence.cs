namespace IntegrityTools.Model;

/// <summary>Evidence of a schema that cannot be used.</summary>
/// <param name="DocumentType">The type whose documents it is for.</param>
/// <param name="Schema">The schema's file or document.</param>
/// <param name="Reason">Why it cannot be used.</param>
public sealed record SchemaEvidence(string DocumentType, string Schema, string Reason) : IssueEvidence;
