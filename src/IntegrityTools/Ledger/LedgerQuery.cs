namespace IntegrityTools.Ledger;

/// <summary>Which events to read; all conditions that are set must hold.</summary>
public sealed record LedgerQuery
{
    /// <summary>Only of this scan.</summary>
    public string? ScanId { get; init; }

    /// <summary>Only of this plan.</summary>
    public string? PlanId { get; init; }

    /// <summary>Only of this execution.</summary>
    public string? ExecutionId { get; init; }

    /// <summary>Only of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only events after this number.</summary>
    public long After { get; init; }

    /// <summary>At most so many.</summary>
    public int? Limit { get; init; }
}
