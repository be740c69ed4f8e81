namespace IntegrityTools.Model;

/// <summary>Evidence of an entry that cannot be read.</summary>
/// <param name="Path">The file; null for a document.</param>
/// <param name="Line">Its line, counted from 1; 0 for a document.</param>
/// <param name="Reason">Why it cannot be read.</param>
public sealed record EntryEvidence(string? Path, long Line, string Reason) : IssueEvidence;
