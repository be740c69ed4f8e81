using System.Security.Cryptography;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>
/// One worker's part in a shared scan: it claims parts, says that it is still there, tells what it has done, and leaves. It writes no document
/// but its own, so that it overwrites nobody's claim, however late it wakes.
/// </summary>
/// <param name="client">The database.</param>
/// <param name="board">The scan's documents.</param>
/// <param name="plan">What was agreed on.</param>
/// <param name="worker">Its own document, as it was written.</param>
/// <param name="clock">The time.</param>
internal sealed class SharedMember(CouchClient client, SharedBoard board, SharedPlan plan, SharedWorker worker, TimeProvider clock) : ISharedScan
{
    private const int LongestTurnMs = 50;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly TimeSpan lease = client.Options.SharedScanLease;
    private readonly HashSet<string> others = new(StringComparer.Ordinal);
    private SharedWorker mine = worker;
    private CancellationTokenSource? atWork;
    private IReadOnlyList<string>? missed; // Null: all of it is not in this ledger.
    private bool wasSilent;
    private bool over;

    /// <inheritdoc/>
    public string ScanId => plan.ScanId;

    /// <summary>Where an incremental scan can go on; null: all of it is not in this ledger, or the server does not tell.</summary>
    public ScanCheckpoint? Checkpoint => missed is null ? null : plan.ToCheckpoint(missed);

    /// <summary>The parts, by their number.</summary>
    public IReadOnlyList<SharedPart> Parts { get; } = plan.Parts;

    /// <summary>How many parts are done, as far as this worker knows.</summary>
    public int PartsDone { get; private set; }

    /// <summary>True when the scan ended while this worker was silent: others have done what it had claimed.</summary>
    public bool EndedWithoutIt { get; private set; }

    /// <summary>What came of it here.</summary>
    public ScanShare Share => new()
    {
        Name = plan.Name,
        Parts = Parts.Count,
        PartsHere = mine.Done.Count,
        Others = [.. others.Order(StringComparer.Ordinal)],
        AllHere = missed is not null,
    };

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Claims a part that is nobody's; waits while others are at work on what is left, since they may die. Null: all is done.</summary>
    /// <exception cref="IntegrityException">The scan's documents are gone, or cannot be read.</exception>
    public async Task<SharedWork?> ClaimAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = lease / 4 < LongestPause ? lease / 4 : LongestPause;
            await gate.WaitAsync(cancellationToken);
            try
            {
                if (await LookAsync(cancellationToken) is not { AllDone: false } state)
                {
                    return null;
                }

                if (state.Free(mine.Run.Nonce, Now) is { } claim)
                {
                    await WriteAsync(mine with { Claim = claim }, cancellationToken);

                    // Each writes before it looks, so that of two which claim at one moment one sees the other, or both do; who does gives way.
                    if (await LookAsync(cancellationToken) is not { } seen)
                    {
                        return null;
                    }

                    if (!seen.IsContested(claim, mine.Run.Nonce, Now))
                    {
                        atWork = new CancellationTokenSource();
                        return new SharedWork(claim, Parts[claim.Part], atWork.Token);
                    }

                    await GiveUpAsync(cancellationToken);
                    pause = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(LongestTurnMs));
                }
            }
            finally
            {
                gate.Release();
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <summary>
    /// Says that this worker is still there. When it was silent so long that others may have acted on it, it looks first: what they have taken over it
    /// gives up, and its work on it is cancelled.
    /// </summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (over)
            {
                return;
            }

            if (mine.ExpiresAt <= Now)
            {
                if (await LookAsync(cancellationToken) is not { } state)
                {
                    await CallOffAsync();
                    return;
                }

                if (mine.Claim is { } claim && state.IsLost(claim, mine.Run.Nonce))
                {
                    await CallOffAsync();
                    await GiveUpAsync(cancellationToken);
                    return;
                }
            }

            await WriteAsync(mine, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Renews until it is called off. A renewal that fails is tried again at its next turn: a server that is gone shows in the scan itself.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease / 3, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RenewAsync(cancellationToken);
            }
            catch (IntegrityException)
            {
                // Others take the part over when this goes on; then it is done twice, and its issues are the same ones.
            }
        }
    }

    /// <summary>Tells that a part is done, its issues recorded. It does not count when another has taken it over meanwhile.</summary>
    public async Task DoneAsync(SharedWork work, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await CallOffAsync();
            if (await LookAsync(cancellationToken) is not { } state)
            {
                return;
            }

            if (mine.Claim != work.Claim || state.IsLost(work.Claim, mine.Run.Nonce))
            {
                await GiveUpAsync(cancellationToken);
                return;
            }

            await WriteAsync(mine with { Claim = null, Done = [.. mine.Done, work.Claim.Part], Missed = [.. mine.Missed.Union(work.Missed)] }, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Leaves a scan that has come to its end; who leaves last removes its documents.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (over || await LookAsync(cancellationToken) is null)
            {
                return;
            }

            await WriteAsync(mine with { Left = true }, cancellationToken);
            over = true;
            if (await StateAsync(cancellationToken) is not { } state)
            {
                // Who left a moment later was the last, and removed it all; this last word may have come after that.
                await board.RemoveAsync(mine, cancellationToken);
            }
            else if (state.AllDone && state.IsDeserted(Now))
            {
                await board.RemoveAsync(state, cancellationToken);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Ends its part, however far it came: what it had claimed and not done is free for others at once.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(LongestGoodbye);
        try
        {
            await gate.WaitAsync(patience.Token);
            await CallOffAsync();
            if (!over)
            {
                over = true;
                await (await StateAsync(patience.Token) is null
                    ? board.RemoveAsync(mine, patience.Token)
                    : board.WriteAsync(mine with { Claim = null, ExpiresAt = Now }, patience.Token));
            }
        }
        catch (Exception exception) when (exception is IntegrityException or OperationCanceledException)
        {
            // Its time ends by itself. Thrown here, this would hide why the scan ended.
        }
        finally
        {
            mine.Run.End();
        }
    }

    /// <summary>The scan as it stands; null when it has ended without this worker.</summary>
    private async Task<SharedState?> LookAsync(CancellationToken cancellationToken)
    {
        var state = over ? null : await StateAsync(cancellationToken);
        if (state is not null || over)
        {
            wasSilent = false;
            return state;
        }

        // What it wrote last may have been under way while it slept.
        over = true;
        wasSilent |= mine.ExpiresAt <= Now;
        await board.RemoveAsync(mine, cancellationToken);
        if (!wasSilent)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                $"The documents of the shared scan '{plan.Name}' are gone, though it has not ended: somebody has deleted them, or the database was made anew.",
                client.Store,
                "Begin it again. What was found is recorded in the ledgers of those who took part.");
        }

        // It woke too late to be waited for. What it has found is true all the same, and others have found it again.
        EndedWithoutIt = true;
        return null;
    }

    private async Task<SharedState?> StateAsync(CancellationToken cancellationToken)
    {
        var state = (await board.ReadAsync(cancellationToken)).FirstOrDefault(scan => scan.ScanId == plan.ScanId);
        if (state?.Plan is null)
        {
            return null;
        }

        PartsDone = state.DoneParts().Count;
        var workers = state.Workers.Where(worker => worker.Done.Count > 0 && worker.Run.Nonce != mine.Run.Nonce).ToList();
        others.UnionWith(workers.Select(worker => worker.Owner));
        missed = state.AllDone && workers.TrueForAll(worker => worker.Ledger == mine.Ledger) ? [.. state.Workers.SelectMany(worker => worker.Missed).Distinct()] : null;
        return state;
    }

    private Task GiveUpAsync(CancellationToken cancellationToken) => WriteAsync(mine with { Claim = null }, cancellationToken);

    private async Task WriteAsync(SharedWorker next, CancellationToken cancellationToken)
    {
        wasSilent |= mine.ExpiresAt <= Now;
        mine = next with { ExpiresAt = Now + lease };
        await board.WriteAsync(mine, cancellationToken);
    }

    private async Task CallOffAsync()
    {
        if (atWork is { } work)
        {
            atWork = null;
            await work.CancelAsync();
            work.Dispose();
        }
    }
}
