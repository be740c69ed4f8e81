using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>Operations for one store, sealed by a digest over their canonical JSON.</summary>
public sealed record RepairPlan
{
    /// <summary>The plan's id.</summary>
    public required string Id { get; init; }

    /// <summary>The store's address, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>When it was made, in UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The strategy that was asked for.</summary>
    public required Strategy Strategy { get; init; }

    /// <summary>The scan whose issues it answers, when there is one.</summary>
    public string? ScanId { get; init; }

    /// <summary>The execution that it takes back, for an inverse plan.</summary>
    public string? Undoes { get; init; }

    /// <summary>The plan that it was made from by hand, for an import with accepted changes.</summary>
    public string? DerivedFrom { get; init; }

    /// <summary>How long it should take, learnt from earlier executions, in milliseconds.</summary>
    public long EstimatedTimeMs { get; init; }

    /// <summary>SHA-256 (hex) over the canonical JSON of the plan without this field.</summary>
    public string Digest { get; init; } = string.Empty;

    /// <summary>The operations, in the order in which they run.</summary>
    public required IReadOnlyList<RepairOperation> Operations { get; init => field = Indexable.Of(value); }

    /// <summary>Operations that would write.</summary>
    [JsonIgnore]
    public int Automatic => Operations.Count(operation => !operation.NeedsReview);

    /// <summary>Operations left to a person.</summary>
    [JsonIgnore]
    public int NeedsReview => Operations.Count(operation => operation.NeedsReview);

    /// <summary>True when something that the plan would write can be taken back.</summary>
    [JsonIgnore]
    public bool IsReversible => Operations.Any(operation => operation.Action is { IsReversible: true });

    /// <summary>The highest risk among those that would write.</summary>
    [JsonIgnore]
    public Risk HighestRisk => Operations.Where(operation => !operation.NeedsReview).Select(operation => operation.Risk).DefaultIfEmpty(Risk.Low).Max();
}
