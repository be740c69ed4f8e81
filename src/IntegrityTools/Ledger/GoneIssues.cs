namespace IntegrityTools.Ledger;

/// <summary>Issues that a scan of what was changed did not find again, as the ledger keeps it.</summary>
/// <param name="Ids">Their ids.</param>
internal sealed record GoneIssues(IReadOnlyList<string> Ids);
