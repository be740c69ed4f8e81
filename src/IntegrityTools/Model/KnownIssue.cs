using System.Diagnostics.CodeAnalysis;

namespace IntegrityTools.Model;

/// <summary>An issue as the ledger knows it: as it was last found, and how far it has come.</summary>
public sealed record KnownIssue : IntegrityIssue
{
    /// <summary>For readers of JSON.</summary>
    public KnownIssue()
    { }

    /// <summary>An issue as it was found, to which the rest is added.</summary>
    [SetsRequiredMembers]
    public KnownIssue(IntegrityIssue issue)
        : base(issue)
    { }

    /// <summary>How far it has come. One whose <see cref="Until"/> has passed is reopened.</summary>
    public required IssueStatus Status { get; init; }

    /// <summary>When it was first found, in UTC.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was last found, in UTC.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>When its status changed last, in UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Who changed it: user and machine.</summary>
    public string? ChangedBy { get; init; }

    /// <summary>Why a person ignored or reopened it.</summary>
    public string? Reason { get; init; }

    /// <summary>Until when it is ignored, in UTC.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The newest plan with an operation for it.</summary>
    public string? PlanId { get; init; }

    /// <summary>The execution that resolved it.</summary>
    public string? ExecutionId { get; init; }
}
