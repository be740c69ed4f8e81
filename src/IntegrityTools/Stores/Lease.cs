namespace IntegrityTools.Stores;

/// <summary>The right to repair a store, until it expires.</summary>
/// <param name="Store">The store's canonical address.</param>
/// <param name="Holder">Who holds it: one run of one execution.</param>
/// <param name="Owner">The person and machine, for words like "held by".</param>
/// <param name="ExpiresAt">When it expires unless renewed, UTC.</param>
public sealed record Lease(string Store, RunIdentity Holder, string Owner, DateTimeOffset ExpiresAt)
{
    // A lease lasts a minute. An expiry far beyond that was set by a clock that was wrong, and would keep others away for years.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>True when another may not have it: it is somebody else's, has not expired, and its run may still go on.</summary>
    public bool Bars(Lease wanted, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return Holder != wanted.Holder && ExpiresAt > now && ExpiresAt < now + Longest && !Holder.IsOver;
    }
}
