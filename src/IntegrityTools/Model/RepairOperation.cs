using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>One repair of a plan.</summary>
public sealed record RepairOperation
{
    /// <summary>Its place in the plan, from 1.</summary>
    public int Number { get; init; }

    /// <summary>
    /// What operations that only make sense together have in common; null: it stands alone. They run in the order of their
    /// <see cref="Step"/>s, and one that does not come to its end stops those that follow.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>
    /// Its place in the <see cref="Group"/>: 1 writes what stays, 2 turns what refers to it, 3 removes what is no longer needed. An undo runs from 3 to 1. 0 without a group.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Step { get; init; }

    /// <summary>One of <see cref="OperationTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The issue it answers.</summary>
    public required string IssueId { get; init; }

    /// <summary>The issue's type.</summary>
    public string? IssueType { get; init; }

    /// <summary>The issue's severity.</summary>
    public Severity Severity { get; init; }

    /// <summary>What it is about: a document id and the like.</summary>
    public required string Subject { get; init; }

    /// <summary>The document's type, when it has one.</summary>
    public string? DocumentType { get; init; }

    /// <summary>What it can cost.</summary>
    public required Risk Risk { get; init; }

    /// <summary>The strategy that decided.</summary>
    public required Strategy Strategy { get; init; }

    /// <summary>Which branch of the decision chose it, and why, one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>True when a person has to decide: nothing is written for it.</summary>
    public bool NeedsReview { get; init; }

    /// <summary>What the store must still look like.</summary>
    public required Precondition Precondition { get; init; }

    /// <summary>What will be done; null when <see cref="NeedsReview"/>.</summary>
    public RepairAction? Action { get; init; }

    /// <summary>The winning body as it is now (raw JSON), shortened to null past 64 KiB: the backup has it whole.</summary>
    public RawJson? OldValue { get; init; }

    /// <summary>The body after the repair (raw JSON), shortened to null past 64 KiB: <see cref="Action"/> has it whole.</summary>
    public RawJson? NewValue { get; init; }

    /// <summary>What changes for a reader of the document, path by path.</summary>
    public IReadOnlyList<FieldChange> Changes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Edits that are not kept.</summary>
    public IReadOnlyList<DiscardedEdit> Discarded { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Paths that could not be decided without guessing.</summary>
    public IReadOnlyList<string> UndecidedFields { get; init => field = Indexable.Of(value); } = [];

    /// <summary>For a person: the leaves to choose from.</summary>
    public IReadOnlyList<LeafEvidence> Choices { get; init => field = Indexable.Of(value); } = [];

    /// <summary>An operation that leaves an issue to a person.</summary>
    /// <param name="issue">The issue.</param>
    /// <param name="type">The kind of repair that it would be.</param>
    /// <param name="precondition">What was there when it was planned.</param>
    /// <param name="reason">Why a person has to decide, and what to do.</param>
    public static RepairOperation ForReview(IntegrityIssue issue, string type, Precondition precondition, string reason)
    {
        ArgumentNullException.ThrowIfNull(issue);
        return new RepairOperation
        {
            Type = type,
            IssueId = issue.Id,
            IssueType = issue.Type,
            Severity = issue.Severity,
            Subject = issue.Subject,
            DocumentType = issue.DocumentType,
            Risk = Risk.Low,
            Strategy = Strategy.Manual,
            Reason = reason,
            NeedsReview = true,
            Precondition = precondition,
        };
    }
}
