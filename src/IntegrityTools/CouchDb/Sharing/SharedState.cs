namespace IntegrityTools.CouchDb.Sharing;

/// <summary>A shared scan as its documents show it at one moment. Pure.</summary>
/// <param name="ScanId">The scan's id.</param>
/// <param name="Plan">What was agreed on; null: only workers are left of it.</param>
/// <param name="Workers">All that take part or took part.</param>
internal sealed record SharedState(string ScanId, SharedPlan? Plan, IReadOnlyList<SharedWorker> Workers)
{
    /// <summary>True when every part is done.</summary>
    public bool AllDone => Plan is not null && DoneParts().Count >= Plan.Parts.Count;

    /// <summary>The numbers of the parts that are done.</summary>
    public IReadOnlySet<int> DoneParts() => Workers.SelectMany(worker => worker.Done).ToHashSet();

    /// <summary>True when nobody is at work on it.</summary>
    public bool IsDeserted(DateTimeOffset now) => Workers.All(worker => worker.IsOut(now));

    /// <summary>When somebody was last known to be at work on it.</summary>
    public DateTimeOffset LastSign => Workers.Count == 0 ? DateTimeOffset.MinValue : Workers.Max(worker => worker.ExpiresAt);

    /// <summary>The first part that is neither done nor anybody's now, as this worker would claim it; null: there is none.</summary>
    public SharedClaim? Free(string nonce, DateTimeOffset now)
    {
        var done = DoneParts();
        var taken = Others(nonce).Where(worker => !worker.IsOut(now)).Select(worker => worker.Claim?.Part).ToHashSet();
        for (var part = 0; part < Plan!.Parts.Count; part++)
        {
            if (!done.Contains(part) && !taken.Contains(part))
            {
                return new SharedClaim(part, 1 + Workers.Max(worker => worker.Claim is { } claim && claim.Part == part ? claim.Turn : 0));
            }
        }

        return null;
    }

    /// <summary>True when another claims the same part at this moment.</summary>
    public bool IsContested(SharedClaim claim, string nonce, DateTimeOffset now) =>
        DoneParts().Contains(claim.Part) || Others(nonce).Any(other => other.Claim?.Part == claim.Part && !other.IsOut(now));

    /// <summary>True when a part that was claimed is another's by now: it was taken over, or is done.</summary>
    public bool IsLost(SharedClaim claim, string nonce) =>
        DoneParts().Contains(claim.Part) || Others(nonce).Any(other => other.Claim is { } theirs && theirs.Part == claim.Part && theirs.Turn > claim.Turn);

    private IEnumerable<SharedWorker> Others(string nonce) => Workers.Where(worker => worker.Run.Nonce != nonce);
}
