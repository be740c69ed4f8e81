namespace IntegrityTools.Ledger;

/// <summary>One fault in the chain.</summary>
/// <param name="Number">The event's number.</param>
/// <param name="Kind">changed, removed, inserted, unreadable, or projection: the present state differs from what the events say.</param>
/// <param name="Message">One sentence.</param>
public sealed record LedgerFault(long Number, string Kind, string Message);
