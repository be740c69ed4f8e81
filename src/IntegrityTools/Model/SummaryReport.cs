namespace IntegrityTools.Model;

/// <summary>How a summary compares with its events.</summary>
public sealed record SummaryReport
{
    /// <summary>The store's address.</summary>
    public required string Store { get; init; }

    /// <summary>The summary's table.</summary>
    public required string Table { get; init; }

    /// <summary>The scan under which the ledger has every issue.</summary>
    public required string ScanId { get; init; }

    /// <summary>True when the summary is installed as defined and every row is what its events make it.</summary>
    public required bool Ok { get; init; }

    /// <summary>True when table, indexes and trigger are as defined.</summary>
    public required bool Installed { get; init; }

    /// <summary>The summary's rows; 0 when there is no table.</summary>
    public long Rows { get; init; }

    /// <summary>The aggregates that have events.</summary>
    public long Aggregates { get; init; }

    /// <summary>Rows that differ from their events, or are missing.</summary>
    public long DriftedRows { get; init; }

    /// <summary>Values that differ; a missing row counts once.</summary>
    public long DriftedValues { get; init; }

    /// <summary>Rows whose events are all gone: they cannot be checked, and are kept.</summary>
    public long RowsWithoutEvents { get; init; }

    /// <summary>Rows whose oldest events are gone: what only those could tell is kept unchecked.</summary>
    public long RowsWithFewerEvents { get; init; }

    /// <summary>What is missing or differs of the table as a whole, a sentence each.</summary>
    public IReadOnlyList<string> Reasons { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The first issues, at most 100; the scan has all.</summary>
    public IReadOnlyList<IntegrityIssue> Issues { get; init => field = Indexable.Of(value); } = [];
}
