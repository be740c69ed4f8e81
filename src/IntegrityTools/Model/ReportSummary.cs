namespace IntegrityTools.Model;

/// <summary>What scans and repairs came to over a time, for all stores or for one.</summary>
public sealed record ReportSummary
{
    /// <summary>The store's address; null: all stores.</summary>
    public string? Store { get; init; }

    /// <summary>From when on; null: all that the ledger has.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Scans by status: success, failure, cancelled, running.</summary>
    public required IReadOnlyDictionary<string, long> Scans { get; init; }

    /// <summary>Known issues by status code, as they stand now.</summary>
    public required IReadOnlyDictionary<string, long> Issues { get; init; }

    /// <summary>Operations of repairs by outcome code.</summary>
    public required IReadOnlyDictionary<string, long> Operations { get; init; }

    /// <summary>The commonest types of known issues that were seen in the time, the commonest first, ten at most.</summary>
    public required IReadOnlyList<IssueTypeCount> CommonestTypes { get; init => field = Indexable.Of(value); }

    /// <summary>The issues that took longest from first seen to resolved, the slowest first, ten at most.</summary>
    public required IReadOnlyList<IssueResolution> SlowestResolutions { get; init => field = Indexable.Of(value); }

    /// <summary>Why scans and operations failed, numbers and names taken out, the most frequent first, ten at most.</summary>
    public required IReadOnlyList<ErrorPattern> ErrorPatterns { get; init => field = Indexable.Of(value); }

    /// <summary>Of the issues that were planned for, the share whose newest operation needs no person, from 0 to 1; null when none was.</summary>
    public double? AutoResolveRate { get; init; }

    /// <summary>Of the operations that were tried, the share that failed, from 0 to 1; null when none was.</summary>
    public double? FailureRate { get; init; }

    /// <summary>How long scans took that ended well.</summary>
    public required Percentiles DetectionMs { get; init; }

    /// <summary>How long applied operations took, each its share of its batch.</summary>
    public required Percentiles OperationMs { get; init; }

    /// <summary>How long it took from first seen to resolved.</summary>
    public required Percentiles ResolutionMs { get; init; }
}
