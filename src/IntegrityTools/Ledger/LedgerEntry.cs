namespace IntegrityTools.Ledger;

/// <summary>An event as the ledger keeps it.</summary>
/// <param name="Number">Its place in the chain, from 1.</param>
/// <param name="At">When it was appended, UTC.</param>
/// <param name="Actor">Who: user and machine.</param>
/// <param name="Event">The event, decrypted when the key is there (else <see cref="LedgerEvent.Sensitive"/> is null).</param>
/// <param name="Hash">Its hash, hex: SHA-256, or HMAC-SHA-256 with a key, over its predecessor's hash and its own fields.</param>
public sealed record LedgerEntry(long Number, DateTimeOffset At, string Actor, LedgerEvent Event, string Hash);
