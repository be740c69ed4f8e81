namespace IntegrityTools.Stores;

/// <summary>Keeps the right to repair a store. Advisory: it avoids waste, while safety is in every write's precondition.</summary>
public interface ILeaseKeeper
{
    /// <summary>Takes the lease when it is free, expired or already the holder's; otherwise returns the other holder's.</summary>
    /// <param name="wanted">The lease to hold.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lease that now stands: <paramref name="wanted"/>'s holder has it only when the holder is the same.</returns>
    Task<Lease> AcquireAsync(Lease wanted, CancellationToken cancellationToken);

    /// <summary>Gives the lease back; nothing happens when another holds it by now.</summary>
    Task ReleaseAsync(Lease lease, CancellationToken cancellationToken);
}
