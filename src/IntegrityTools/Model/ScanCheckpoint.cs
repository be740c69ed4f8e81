namespace IntegrityTools.Model;

/// <summary>Where a scan that ended has left off, for an incremental one to go on from.</summary>
public sealed record ScanCheckpoint
{
    /// <summary>All that was changed up to this update sequence was looked at.</summary>
    public required string Sequence { get; init; }

    /// <summary>What tells the database from another of its name; null when the server does not tell.</summary>
    public string? Incarnation { get; init; }

    /// <summary>A digest of the configured rules by which was judged, and of this program's version: other rules make other issues of unchanged documents.</summary>
    public required string Rules { get; init; }

    /// <summary>Codes that were asked for and not looked for in every document, as when a schema gave out: a scan for one of these does not go on from here.</summary>
    public IReadOnlyList<string> Missed { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Documents that had been written last, each with a leaf revision that it had: by them a database shows that was put back to an older state.</summary>
    public IReadOnlyDictionary<string, string> Witnesses { get; init; } = new Dictionary<string, string>();
}
