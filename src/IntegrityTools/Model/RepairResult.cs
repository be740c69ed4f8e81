namespace IntegrityTools.Model;

/// <summary>What became of one operation in one execution.</summary>
public sealed record RepairResult
{
    /// <summary>The execution.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The operation's number in the plan.</summary>
    public required int Number { get; init; }

    /// <summary>The operation's type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>The operation's risk.</summary>
    public Risk Risk { get; init; }

    /// <summary>What became of it.</summary>
    public required OperationOutcome Outcome { get; init; }

    /// <summary>One sentence for a person; for failures with what to do next.</summary>
    public string? Message { get; init; }

    /// <summary>What changed for a reader of the document.</summary>
    public IReadOnlyList<FieldChange> Changes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Of a dry run: the edits that the operation does not keep. Null elsewhere: the plan has them.</summary>
    public IReadOnlyList<DiscardedEdit>? Discarded { get; init => field = Indexable.Of(value); }

    /// <summary>Of an operation on many subjects: how many of them it wrote.</summary>
    public long? Written { get; init; }

    /// <summary>Of an operation on many subjects: those that it did not write, each with why.</summary>
    public IReadOnlyList<string> Refused { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The state after it, which an undo expects to find; null when nothing was written.</summary>
    public Precondition? After { get; init; }

    /// <summary>How long it took, in milliseconds; its share of the batch when it ran in one.</summary>
    public double DurationMs { get; init; }

    /// <summary>What became of an operation.</summary>
    public static RepairResult Of(string executionId, RepairOperation operation, OperationOutcome outcome, string? message, Precondition? after = null)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return new RepairResult
        {
            ExecutionId = executionId,
            Number = operation.Number,
            Type = operation.Type,
            Subject = operation.Subject,
            Risk = operation.Risk,
            Outcome = outcome,
            Message = message,
            Changes = operation.Changes,
            Discarded = outcome == OperationOutcome.WouldApply ? operation.Discarded : null,
            After = after,
        };
    }
}
