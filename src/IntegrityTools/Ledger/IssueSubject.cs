namespace IntegrityTools.Ledger;

/// <summary>What a known issue is about.</summary>
/// <param name="Id">The issue's id.</param>
/// <param name="Type">Its type's code.</param>
/// <param name="Subject">What it is about.</param>
public sealed record IssueSubject(string Id, string Type, string Subject);
