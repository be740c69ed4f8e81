using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>One run of a plan.</summary>
public sealed record RepairExecution
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The plan that it ran.</summary>
    public required string PlanId { get; init; }

    /// <summary>The store's address, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>Its state.</summary>
    public required ExecutionStatus Status { get; init; }

    /// <summary>Who started it.</summary>
    public string? Actor { get; init; }

    /// <summary>Why, in the words of whoever started it.</summary>
    public string? Reason { get; init; }

    /// <summary>When it started, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended or stopped, in UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The execution that this one takes back.</summary>
    public string? Undoes { get; init; }

    /// <summary>The execution that took this one back.</summary>
    public string? UndoneBy { get; init; }

    /// <summary>Where the state before it is saved.</summary>
    public string? BackupPath { get; init; }

    /// <summary>The file that was written, for stores that are never changed in place.</summary>
    public string? Destination { get; init; }

    /// <summary>What could not be read of a dump that was repaired, by lines: the rest was repaired, and these stand in the new one as they were.</summary>
    public IReadOnlyList<string> Damaged { get; init => field = Indexable.Of(value); } = [];

    /// <summary><see cref="Damaged"/> in one sentence; null when all could be read.</summary>
    [JsonIgnore]
    public string? DamagedMessage => Damaged.Count == 0 ? null
        : $"The dump is cut or damaged: it cannot be read in {Counted.Of(Damaged.Count, "place")}, the first is {Damaged[0]}. What stands there is not repaired, and is in the new one as it was.";

    /// <summary>Operations in the plan.</summary>
    public int Operations { get; init; }

    /// <summary>Operations by outcome code.</summary>
    public IReadOnlyDictionary<string, int> Outcomes { get; init; } = new Dictionary<string, int>();

    /// <summary>True when something was applied, so that there is something to take back.</summary>
    [JsonIgnore]
    public bool HasApplied => Outcomes.GetValueOrDefault(Codes.Of(OperationOutcome.Applied)) > 0;

    /// <summary>True when it has not come to its end: it stopped, is under way, or was killed before it could say so.</summary>
    [JsonIgnore]
    public bool IsUnfinished => Status is ExecutionStatus.Running or ExecutionStatus.Stopped;

    /// <summary>Operations that have no final outcome yet.</summary>
    public int Pending { get; init; }

    /// <summary>Why it stopped, when it did.</summary>
    public string? Message { get; init; }

    /// <summary>What is known of one that is not at its end, in words that follow its name.</summary>
    public string DescribeUnfinished() => Status == ExecutionStatus.Stopped ? "stopped" : "is under way or was cut off";
}
