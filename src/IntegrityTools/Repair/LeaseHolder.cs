using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>
/// Holds a lease and renews it until disposed. Losing it stops the run at the next batch; it never guards data, since a process can
/// sleep past any expiry: every write names what it replaces.
/// </summary>
internal sealed class LeaseHolder : IAsyncDisposable
{
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRelease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestReleaseWhenCancelled = TimeSpan.FromMilliseconds(500);

    private readonly ILeaseKeeper keeper;
    private readonly TimeSpan term;
    private readonly CancellationToken run;
    private readonly CancellationTokenSource stop = new();
    private readonly Task renewal;
    private Lease lease;
    private volatile string? lostTo;

    private LeaseHolder(ILeaseKeeper keeper, Lease lease, TimeSpan term, CancellationToken run)
    {
        this.keeper = keeper;
        this.lease = lease;
        this.term = term;
        this.run = run;
        renewal = RenewAsync();
    }

    /// <summary>Takes the lease.</summary>
    /// <param name="keeper">Who keeps it.</param>
    /// <param name="store">The store's address.</param>
    /// <param name="execution">The execution of which this is a run.</param>
    /// <param name="cancellationToken">Cancels the run; a server that hangs does not hold up its end then.</param>
    /// <param name="term">How long it lasts unless it is renewed, which happens three times in it; null: a minute.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.LeaseHeld"/>: another executor holds it; the message says who and until when.</exception>
    public static async Task<LeaseHolder> AcquireAsync(
        ILeaseKeeper keeper, string store, string execution, CancellationToken cancellationToken, TimeSpan? term = null)
    {
        var lasting = term ?? Term;
        var holder = RunIdentity.Begin(execution);
        try
        {
            var wanted = new Lease(store, holder, $"{Environment.UserName}@{Environment.MachineName}", DateTimeOffset.UtcNow + lasting);
            var standing = await keeper.AcquireAsync(wanted, cancellationToken).ConfigureAwait(false);
            return standing.Holder == holder ? new LeaseHolder(keeper, standing, lasting, cancellationToken) : throw Held(standing, execution);
        }
        catch
        {
            holder.End();
            throw;
        }
    }

    /// <summary>What tells this run from any other of the same execution.</summary>
    public string Nonce => lease.Holder.Nonce;

    /// <summary>Throws when another executor has taken the lease over, or may have: it has expired.</summary>
    public void ThrowIfLost()
    {
        if ((lostTo ?? Expired()) is { } other)
        {
            throw new IntegrityException(
                ErrorIds.LeaseHeld,
                $"The lease was lost to {other}: this run slept or was cut off past its expiry.",
                lease.Store,
                "Look at what the other run did, then resume this execution: what changed meanwhile is reported as stale.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await renewal.ConfigureAwait(false);
        stop.Dispose();
        try
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
        finally
        {
            lease.Holder.End();
        }
    }

    private string? Expired() => DateTimeOffset.UtcNow > lease.ExpiresAt
        ? string.Create(CultureInfo.InvariantCulture, $"its expiry at {lease.ExpiresAt:u}") : null;

    private static IntegrityException Held(Lease standing, string execution)
    {
        var until = standing.ExpiresAt.ToString("u", CultureInfo.InvariantCulture);
        return new IntegrityException(
            ErrorIds.LeaseHeld,
            standing.Holder.Execution == execution
                ? $"This execution is under way already, by {By(standing)}, whose lease lasts until {until}."
                : $"The store is being repaired by {standing.Holder.Execution} ({By(standing)}), whose lease lasts until {until}.",
            standing.Store,
            $"Wait for it to end, or until {until} if that process is gone; then run this again.");
    }

    private static string By(Lease lease) =>
        lease.Holder.Process is { } process ? string.Create(CultureInfo.InvariantCulture, $"{lease.Owner}, process {process.Id}") : lease.Owner;

    private async Task ReleaseAsync()
    {
        if (lostTo is not null)
        {
            return;
        }

        using var patience = new CancellationTokenSource(run.IsCancellationRequested ? LongestReleaseWhenCancelled : LongestRelease);
        try
        {
            await keeper.ReleaseAsync(lease, patience.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A lease that cannot be given back ends at its expiry. Whatever is thrown here would hide why the run itself ended.
        }
    }

    private async Task RenewAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(term / 3, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            // Taken again after its expiry, it would hide that another run had it meanwhile.
            if (Expired() is { } expiry)
            {
                lostTo = expiry;
                return;
            }

            try
            {
                var standing = await keeper
                    .AcquireAsync(lease with { ExpiresAt = DateTimeOffset.UtcNow + term }, stop.Token).ConfigureAwait(false);
                if (standing.Holder != lease.Holder)
                {
                    lostTo = $"{standing.Holder.Execution} ({By(standing)})";
                    return;
                }

                lease = standing;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // A renewal that fails, for whatever reason, is tried again at the next turn; past the expiry another executor may take
                // the lease, which stops the run. Thrown here, it would end the renewing, and hide at the end how the run itself ended.
            }
        }
    }
}
