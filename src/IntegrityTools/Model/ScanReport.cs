namespace IntegrityTools.Model;

/// <summary>What one scan did, as the ledger keeps it.</summary>
public sealed record ScanReport
{
    /// <summary>The scan's id.</summary>
    public required string ScanId { get; init; }

    /// <summary>The store's address, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it runs or when it was cut off.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How long it took, in milliseconds; of one that was cut, how long its last part took.</summary>
    public long DurationMs { get; init; }

    /// <summary>success, failure or cancelled; running while it is.</summary>
    public required string Status { get; init; }

    /// <summary>What it looked for and where.</summary>
    public ScanScope Scope { get; init; } = new();

    /// <summary>Codes that this kind of store can have, and that were not looked for.</summary>
    public IReadOnlyList<string> NotLookedFor { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What is to be known about its result: why it was a whole scan when an incremental one was asked for, what only a whole one finds.</summary>
    public IReadOnlyList<string> Remarks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The scan from whose checkpoint it went on: it looked only at what was changed since. Null: at everything.</summary>
    public string? SinceScan { get; init; }

    /// <summary>Of a scan that several processes share, what was this one's; null: it was alone.</summary>
    public ScanShare? Share { get; init; }

    /// <summary>Where an incremental scan can go on; only of scans that ended and were about the whole store.</summary>
    public ScanCheckpoint? Checkpoint { get; init; }

    /// <summary>True when it was cut and can go on from where it was, instead of beginning anew.</summary>
    public bool CanResume { get; init; }

    /// <summary>What <see cref="Documents"/> counts: document, or of SQLite page.</summary>
    public string Unit => Store.StartsWith("sqlite:", StringComparison.Ordinal) ? "page" : "document";

    /// <summary>Documents looked at; of SQLite pages.</summary>
    public long Documents { get; init; }

    /// <summary>Documents whose leaves were read; of SQLite pages.</summary>
    public long DocumentsRead { get; init; }

    /// <summary>How often a document was written, on the average; null when the scan was not of the whole store, or does not see it.</summary>
    public double? AverageRevisions { get; init; }

    /// <summary>Bytes of the largest document's body; null likewise.</summary>
    public long? LargestDocument { get; init; }

    /// <summary>Issues found, after filters, less those that are ignored.</summary>
    public long Issues { get; init; }

    /// <summary>Issues found that are ignored: recorded, and neither shown nor counted elsewhere.</summary>
    public long Ignored { get; init; }

    /// <summary>Issues by type code.</summary>
    public IReadOnlyDictionary<string, long> IssuesByType { get; init; } = new Dictionary<string, long>();

    /// <summary>Issues by severity code.</summary>
    public IReadOnlyDictionary<string, long> IssuesBySeverity { get; init; } = new Dictionary<string, long>();

    /// <summary>The update sequence from which it started.</summary>
    public string? SinceSequence { get; init; }

    /// <summary>The update sequence that it reached.</summary>
    public string? LastSequence { get; init; }

    /// <summary>
    /// Types that it looked for in the whole store, none left out: an issue of these that it did not find is gone. Empty for a scan with filters,
    /// of changes only, or that did not end as it should.
    /// </summary>
    public IReadOnlyList<string> CoveredTypes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Why it ended early, when it did.</summary>
    public string? Message { get; init; }

    /// <summary>The severity of its worst issue; null: there is none.</summary>
    public Severity? WorstSeverity() => IssuesBySeverity
        .Where(pair => pair.Value > 0)
        .Select(pair => Codes.TryParse<Severity>(pair.Key, out var severity) ? severity : (Severity?)null)
        .Max();

    /// <summary>What was neither asked nor looked for, in few words, such as <c>validation, duplicates</c>; null: nothing of what the store can have. What was asked for in vain is a remark.</summary>
    public string? DescribeNotLookedFor() => NotLookedFor.Except(Scope.Types, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal) is { Count: > 0 } left
        ? string.Join(", ", IssueTypes.Shorten(left, NotLookedFor.Concat(Scope.Types).ToHashSet(StringComparer.Ordinal)))
        : null;
}
