using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

/// <summary>A keeper whose first renewal fails, and which fails for good once it is broken.</summary>
internal sealed class FailingKeeper(ILeaseKeeper keeper, Exception failure) : ILeaseKeeper
{
    private readonly TaskCompletionSource renewed = new();
    private int asked;

    /// <summary>Done once a renewal has succeeded.</summary>
    public Task Renewed => renewed.Task;

    public bool Broken { get; set; }

    public async Task<Lease> AcquireAsync(Lease wanted, CancellationToken cancellationToken)
    {
        if (Broken || ++asked == 2)
        {
            throw failure;
        }

        var standing = await keeper.AcquireAsync(wanted, cancellationToken);
        if (asked > 2)
        {
            renewed.TrySetResult();
        }

        return standing;
    }

    public Task ReleaseAsync(Lease lease, CancellationToken cancellationToken) => Broken ? throw failure : keeper.ReleaseAsync(lease, cancellationToken);
}
