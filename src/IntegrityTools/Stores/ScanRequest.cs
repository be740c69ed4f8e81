using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a scan is to look for.</summary>
public sealed record ScanRequest
{
    /// <summary>The scan's id, given to every issue.</summary>
    public required string ScanId { get; init; }

    /// <summary>Codes to find, already expanded by <see cref="IssueTypes.Expand"/>.</summary>
    public required IReadOnlySet<string> Types { get; init; }

    /// <summary>Issues below it are not reported.</summary>
    public Severity MinimumSeverity { get; init; } = Severity.Info;

    /// <summary>Only documents of these types (case-sensitive; wildcards <c>*</c> and <c>?</c>); empty: all.</summary>
    public IReadOnlyList<string> DocumentTypes { get; init; } = [];

    /// <summary>Only these subjects; empty: all.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>True when only what was changed since an earlier scan is to be looked at. A store that cannot tell looks at everything, and remarks on it.</summary>
    public bool Incremental { get; init; }

    /// <summary>Where the earlier scan left off; null: there is none, or it looked for less.</summary>
    public ScanCheckpoint? Since { get; init; }

    /// <summary>
    /// What known issues are about, when only what was changed is looked at: told by the store of what it looks at. Being read while the store is
    /// opened. Null: nobody wants to know.
    /// </summary>
    public Task<KnownSubjects>? Known { get; init; }

    /// <summary>Where a scan that was cut goes on; null: at the beginning. A store that cannot go on begins anew.</summary>
    public ScanPosition? From { get; init; }

    /// <summary>
    /// Called by the store between two issues: all that is to be found before a position was given out. What was given out twice is left out by
    /// the caller.
    /// </summary>
    public Func<ScanPosition, CancellationToken, ValueTask>? Settled { get; init; }

    /// <summary>This process's part in a scan that several share; null: it is alone.</summary>
    public ISharedScan? Shared { get; init; }

    /// <summary>Called by the store between two issues: when it returns, all that was given out is recorded for good.</summary>
    public Func<CancellationToken, ValueTask>? Recorded { get; init; }

    /// <summary>Only this partition; null: all.</summary>
    public string? Partition { get; init; }

    /// <summary>True when the issues are planned next by the same engine: what is read of them is then held, within bounds.</summary>
    public bool ForPlan { get; init; }

    /// <summary>Told how far the scan is, a few times a second.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>True when an issue is of a type and about a subject that are asked for, and no less severe than that.</summary>
    internal bool IsMeant(IntegrityIssue issue) =>
        Types.Contains(issue.Type)
        && issue.Severity >= MinimumSeverity
        && (Subjects.Count == 0 || Subjects.Contains(issue.Subject, StringComparer.Ordinal));

    /// <summary>An issue found by this scan, now.</summary>
    /// <param name="store">The store's address, without secrets.</param>
    /// <param name="type">Its type.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="key">What makes it the same fault when it is found again, beside store, type and subject.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="evidence">What was seen.</param>
    internal IntegrityIssue Issue(string store, string type, Severity severity, string subject, string key, string message, IssueEvidence evidence) => new()
    {
        Id = Identifiers.ForIssue(store, type, subject, key),
        Type = type,
        Severity = severity,
        Subject = subject,
        Message = message,
        Evidence = evidence,
        Store = store,
        ScanId = ScanId,
        DetectedAt = DateTimeOffset.UtcNow,
    };
}
