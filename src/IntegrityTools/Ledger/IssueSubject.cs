namespace IntegrityTools.Ledger;

/// <summary>What a known issue is about.</summary>
/// <param name="Event">The number of the event by which it was seen last.</param>
/// <param name="Type">Its type's code.</param>
/// <param name="Subject">What it is about.</param>
public sealed record IssueSubject(long Event, string Type, string Subject);
