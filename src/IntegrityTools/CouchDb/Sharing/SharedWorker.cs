using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>
/// One worker of a shared scan, as the <c>_local</c> document that it alone writes: CouchDB keeps no second writer from such a document, so a claim
/// that two may write could be overwritten by one that slept.
/// </summary>
internal sealed record SharedWorker
{
    /// <summary>The scan's id.</summary>
    public required string ScanId { get; init; }

    /// <summary>The scan's name.</summary>
    public required string Name { get; init; }

    /// <summary>The run.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>User and machine.</summary>
    public required string Owner { get; init; }

    /// <summary>What tells its ledger from others.</summary>
    public required string Ledger { get; init; }

    /// <summary>Until when it counts as being at work, UTC; renewed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What it is doing; null: nothing.</summary>
    public SharedClaim? Claim { get; init; }

    /// <summary>The parts that it has done, their issues in its ledger.</summary>
    public IReadOnlyList<int> Done { get; init; } = [];

    /// <summary>Codes that it did not look for in every document of its parts.</summary>
    public IReadOnlyList<string> Missed { get; init; } = [];

    /// <summary>True when it has seen the end of the scan and does no more.</summary>
    public bool Left { get; init; }

    /// <summary>True when it does no more: it has left, its time is over, or its process has ended.</summary>
    public bool IsOut(DateTimeOffset now) => Left || ExpiresAt <= now || Run.IsOver;
}
