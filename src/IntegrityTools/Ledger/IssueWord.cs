namespace IntegrityTools.Ledger;

/// <summary>What a person said about an issue, or about the queue, as the ledger keeps it.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Until">Until when an issue is ignored, as <see cref="LedgerTime"/> writes it.</param>
/// <param name="Before">Before when an issue was resolved that leaves the queue, likewise.</param>
internal sealed record IssueWord(string? Reason, string? Until = null, string? Before = null);
