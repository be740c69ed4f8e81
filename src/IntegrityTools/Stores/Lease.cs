namespace IntegrityTools.Stores;

/// <summary>The right to repair a store, until it expires.</summary>
/// <param name="Store">The store's canonical address.</param>
/// <param name="Holder">Who holds it: the execution's id.</param>
/// <param name="Owner">The person and machine, for words like "held by".</param>
/// <param name="ExpiresAt">When it expires unless renewed, UTC.</param>
public sealed record Lease(string Store, string Holder, string Owner, DateTimeOffset ExpiresAt);
