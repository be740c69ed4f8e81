namespace IntegrityTools.Ledger;

/// <summary>The result of checking the chain.</summary>
/// <param name="Ok">True when every event is as it was appended.</param>
/// <param name="Events">Events checked.</param>
/// <param name="LastHash">The last event's hash, to be kept elsewhere as an anchor.</param>
/// <param name="Keyed">True when the chain is sealed with a key (HMAC), so that a rewrite of the whole chain would show too.</param>
/// <param name="Faults">What is wrong, each naming the event by its number.</param>
public sealed record LedgerVerification(bool Ok, long Events, string LastHash, bool Keyed, IReadOnlyList<LedgerFault> Faults);
